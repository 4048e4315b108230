"""PDF files as scanners make them."""

import io

import pikepdf


def scanned_pdf(jpegs, *, pixels, points):
    """One page for each JPEG, whose bytes stand in it as they are; sizes as (width, height)."""
    document = pikepdf.new()
    for jpeg in jpegs:
        page = document.add_blank_page(page_size=points)
        image = pikepdf.Stream(
            document,
            jpeg,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=pixels[0],
            Height=pixels[1],
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
        drawn = f"q {points[0]} 0 0 {points[1]} 0 0 cm /Im0 Do Q"
        page.Contents = pikepdf.Stream(document, drawn.encode())
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
