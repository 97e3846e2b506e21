"""Files to read, made from lines and tables: Word, HTML and PDF, sound and hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
Block = str | tuple[str, str] | list[list[str]]
"""A paragraph, a paragraph with automatic number (list level, text), or a table."""

LEVELS = (("chineseCounting", "%1、"), ("chineseCountingThousand", "（%2）"), ("bullet", "·"))
NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">'
    + "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for n, (kind, pattern) in enumerate(LEVELS)
    )
    + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
STYLES = f"""<w:styles xmlns:w="{W}"><w:style w:styleId="H1"><w:pPr><w:numPr><w:numId w:val="1"/>
</w:numPr></w:pPr></w:style><w:style w:styleId="H1b"><w:basedOn w:val="H1"/></w:style></w:styles>"""


def paragraph(text: str, properties: str = "") -> str:
    runs = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(t)}</w:t>' for t in text.split("\n"))
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r>{runs}</w:r></w:p>"


def block(item: Block) -> str:
    if isinstance(item, str):
        return paragraph(item)
    if isinstance(item, tuple):
        level, text = item
        if level.startswith("H"):
            return paragraph(text, f'<w:pStyle w:val="{level}"/>')
        return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>')
    rows = ""
    for row in item:
        cells = "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row)
        rows += f"<w:tr>{cells}</w:tr>"
    return f"<w:tbl>{rows}</w:tbl>"


def docx(blocks: Sequence[Block], **parts: str) -> bytes:
    """A Word file; `parts` replaces or adds parts by their name without .xml."""
    body = "".join(block(item) for item in blocks)
    files = {
        "document": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        "numbering": NUMBERING,
        "styles": STYLES,
        **parts,
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, content in files.items():
            archive.writestr(f"word/{name}.xml", content)
    return stream.getvalue()


def html(blocks: Sequence[Block]) -> bytes:
    """A web page as publishers make them: meta data, navigation, script, table."""
    body = ""
    for item in blocks:
        if isinstance(item, str):
            body += f"<p>　　{escape(item)}</p>\n"
        elif isinstance(item, tuple):
            body += f"<p><strong>{escape(item[1])}</strong></p>"
        else:
            rows = "".join(
                "<tr>"
                + "".join(f"<td><p>{escape(c).replace(chr(10), '</p><p>')}</p></td>" for c in row)
                + "</tr>"
                for row in item
            )
            body += f"<table border=1>{rows}</table>"
    page = (
        '<!DOCTYPE html><html><head><meta charset="gb2312"><title>网页标题不应读入</title>'
        "<style>p{color:red}</style></head><body><nav><a>首页</a></nav>"
        "<script>var a='<p>脚本</p>';</script><!-- 注释 <p>不读</p> -->"
        f"<div>{body}</div></body></html>"
    )
    return page.encode("gb18030")


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF with Chinese text: one font without outlines, its characters mapped to Unicode."""
    used = sorted({c for page in pages for line in page for c in line})
    codes = {c: n + 1 for n, c in enumerate(used)}
    chars = [f"<{n:04X}> <{c.encode('utf-16-be').hex()}>" for c, n in codes.items()]
    groups = [chars[i : i + 100] for i in range(0, len(chars), 100)]
    mapping = "".join(f"{len(g)} beginbfchar\n" + "\n".join(g) + "\nendbfchar\n" for g in groups)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n" + mapping + "endcmap end end"
    )
    first = 6
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type0/BaseFont/F/Encoding/Identity-H/DescendantFonts[4 0 R]"
        "/ToUnicode 5 0 R>>",
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/F/CIDSystemInfo<</Registry(Adobe)"
        "/Ordering(Identity)/Supplement 0>>/DW 1000>>",
        f"<</Length {len(cmap)}>>stream\n{cmap}\nendstream",
    ]
    for n, page in enumerate(pages):
        drawn = "BT /F 12 Tf 60 780 Td 20 TL\n"
        drawn += "".join(f"<{''.join(f'{codes[c]:04X}' for c in line)}> Tj T*\n" for line in page)
        drawn += "ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
            f"/Contents {first + 2 * n + 1} 0 R>>"
        )
        objects.append(f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream")
    out = b"%PDF-1.5\n"
    offsets = []
    for n, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{n} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF".encode()
    return out


def wrapped(text: str, width: int = 28, lines: int = 30) -> list[list[str]]:
    """Pages of lines as a page layout breaks them, each page with its number below."""
    rows = [
        line[i : i + width] for line in text.split("\n") if line for i in range(0, len(line), width)
    ]
    pages = [rows[i : i + lines] for i in range(0, len(rows), lines)]
    return [[*page, f"— {n} —"] for n, page in enumerate(pages, start=1)]


def blank_pdf(pages: int, password: str = "") -> bytes:
    """Pages without a word, as a scanner makes them; locked when a password is given."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
