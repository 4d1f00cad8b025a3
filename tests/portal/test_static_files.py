"""The names of static files."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage

from portal.static_files import NamedByContent

SOURCE = settings.BASE_DIR / "static"
SPECIFIER = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.[^"']+)["']""", re.MULTILINE)


@pytest.fixture
def collected(tmp_path):
    names = [str(path.relative_to(SOURCE)) for path in SOURCE.glob("js/*.js")]
    source = StaticFilesStorage(location=str(SOURCE))
    storage = NamedByContent(location=str(tmp_path), base_url="/static/")
    for name in names:
        storage.save(name, source.open(name))
    processed = list(storage.post_process({name: (source, name) for name in names}))
    assert {old for old, _new, was_processed in processed if was_processed} >= set(names)
    return tmp_path / "js"


def test_a_module_names_the_modules_that_it_imports_by_their_content(collected):
    named = [path for path in collected.glob("*.js") if path.name.count(".") == 2]
    imported = [(path.name, name) for path in named for name in SPECIFIER.findall(path.read_text())]
    assert len(imported) >= 2
    for importer, name in imported:
        assert re.fullmatch(r"\./[a-z-]+\.[0-9a-f]{12}\.js", name), f"{importer} imports {name}"
        assert (collected / name).exists()
