"""Copy the browser libraries' named files out of node_modules: those files, not whole packages.

Standard library only; ./setup runs it as a script: assets.py NODE_MODULES TARGET.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Final

FILES: Final = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "echarts/i18n/langZH.js": "echarts-zh.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
}
# Bundled libraries count: Popper is inside Tabler, zrender and tslib are inside ECharts.
# Tabler carries its licence in the head of its own files.
LICENCES: Final = {
    "@popperjs/core/LICENSE.md": "popper.txt",
    "htmx.org/LICENSE": "htmx.txt",
    "echarts/LICENSE": "echarts.txt",
    "echarts/NOTICE": "echarts-notice.txt",
    "zrender/LICENSE": "zrender.txt",
    "tslib/LICENSE.txt": "tslib.txt",
    "sortablejs/LICENSE": "sortable.txt",
}
# The maps are not served; a browser's developer tools would ask for them and find nothing.
SOURCE_MAP = re.compile(rb"\n?(/\*|//)# sourceMappingURL=[^\n*]*(\*/)?\s*\Z")


def copy_assets(node_modules: Path, target: Path) -> list[Path]:
    """Replace `target` by the named files and return them.

    Raises FileNotFoundError naming the file a package no longer has; then `target` is as before.
    """
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "licences").mkdir(parents=True)
    for source, name in FILES.items():
        (fresh / name).write_bytes(SOURCE_MAP.sub(b"\n", (node_modules / source).read_bytes()))
    for source, name in LICENCES.items():
        shutil.copyfile(node_modules / source, fresh / "licences" / name)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return sorted(path for path in target.rglob("*") if path.is_file())


if __name__ == "__main__":
    copy_assets(Path(sys.argv[1]), Path(sys.argv[2]))
