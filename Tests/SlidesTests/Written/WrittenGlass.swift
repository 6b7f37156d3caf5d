import Imaging
import Records

/// What a written slide shows, in pixels of its level 0: glass with blobs of tissue at known places, so that a reader that is off
/// by a pixel, a tile or a level shows.
struct WrittenGlass {
    let blobs: [PixelRect]
    private let image: RGBImage

    static let glass = RGB(243, 242, 244)

    /// Nuclei and stroma in blocks that are as large as those of a JPEG's chroma.
    init(_ size: PixelSize, blobs: [PixelRect], stroma: RGB = RGB(225, 140, 185)) {
        var image = RGBImage(width: size.width, height: size.height, fill: Self.glass)
        for blob in blobs {
            for y in stride(from: blob.y, to: blob.y + blob.height, by: 16) {
                for x in stride(from: blob.x, to: blob.x + blob.width, by: 16) {
                    let block = PixelRect(
                        x: x,
                        y: y,
                        width: min(16, blob.x + blob.width - x),
                        height: min(16, blob.y + blob.height - y)
                    )
                    image.fill(block, Self.hash(x / 16, y / 16) % 100 < 35 ? RGB(110, 60, 130) : stroma)
                }
            }
        }
        (self.blobs, self.image) = (blobs, image)
    }

    private init(_ image: RGBImage, blobs: [PixelRect]) { (self.blobs, self.image) = (blobs, image) }

    /// A part, that counts from its own corner.
    func cut(_ part: PixelRect) -> WrittenGlass {
        let moved = blobs.map { blob in
            PixelRect(x: blob.x - part.x, y: blob.y - part.y, width: blob.width, height: blob.height)
        }
        return WrittenGlass(picture(part), blobs: moved)
    }

    /// A picture as it is.
    init(_ image: RGBImage) { (self.blobs, self.image) = ([], image) }

    var size: PixelSize { PixelSize(width: image.width, height: image.height) }

    /// A part of a level, its corner in pixels of that level: means of blocks of level 0, as scanners reduce. Beyond the slide
    /// there is glass.
    func picture(_ part: PixelRect, downsample: Int = 1) -> RGBImage {
        let place = PixelRect(
            x: part.x * downsample,
            y: part.y * downsample,
            width: part.width * downsample,
            height: part.height * downsample
        )
        var picture = RGBImage(width: place.width, height: place.height, fill: Self.glass)
        let inside = place.clipped(to: size)
        if inside.width > 0, inside.height > 0 {
            let cut = image.cropped(x: inside.x, y: inside.y, width: inside.width, height: inside.height)
            picture.place(cut, x: inside.x - place.x, y: inside.y - place.y)
        }
        return picture.resized(width: part.width, height: part.height)
    }

    private static func hash(_ x: Int, _ y: Int) -> UInt32 {
        let (x, y) = (UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: y))
        var hash = x &* 2_654_435_761 ^ y &* 2_246_822_519
        hash ^= hash >> 15
        return (hash &* 2_246_822_519) >> 16
    }
}

extension PixelRect {
    func contains(_ x: Int, _ y: Int) -> Bool {
        (self.x..<self.x + width).contains(x) && (self.y..<self.y + height).contains(y)
    }

    /// With a margin on every side, which may be negative.
    func grown(by margin: Int) -> PixelRect {
        PixelRect(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
    }

    func touches(_ other: PixelRect) -> Bool {
        x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }
}
