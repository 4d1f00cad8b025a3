// Passkeys: between the bytes of the browser's interface and the text of a form.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const known = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

function forCreating({ publicKey }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      // One that opens the door by itself, and not without its owner.
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  };
}

function forGetting({ publicKey }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: known(publicKey.allowCredentials),
    },
  };
}

const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

function written(credential) {
  const response = {};
  for (const name of PARTS) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

const onPage = () => JSON.parse(document.getElementById("passkey-options").textContent);

async function asked(form) {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options;
}

const WAYS = {
  create: async () => navigator.credentials.create(forCreating(onPage().creation_options)),
  get: async () => navigator.credentials.get(forGetting(onPage().request_options)),
  login: async (form) => navigator.credentials.get(forGetting(await asked(form))),
};

for (const input of document.querySelectorAll("[data-passkey]")) {
  const { form, dataset } = input;
  const [failed, unsupported] = ["failed", "unsupported"].map((name) =>
    form.querySelector(`[data-${name}]`),
  );
  form.hidden &&= !window.PublicKeyCredential;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    unsupported.hidden = Boolean(window.PublicKeyCredential);
    if (!window.PublicKeyCredential) return;
    failed.hidden = true;
    try {
      input.value = written(await WAYS[dataset.passkey](form));
    } catch {
      failed.hidden = false; // the person said no, there was none, or it took too long
      return;
    }
    form.submit();
  });
}
