import Imaging

/// A picture that is drawn on.
struct Canvas {
    private(set) var image: RasterImage

    init(width: Int, height: Int, ground: RGB) throws {
        image = try RasterImage(width: width, height: height, filled: ground)
    }

    /// Mixes a colour into one pixel; outside the picture nothing happens.
    mutating func blend(_ colour: RGB, share: Float, x: Int, y: Int) {
        guard share > 0, x >= 0, y >= 0, x < image.width, y < image.height else { return }
        let start = (y * image.width + x) * 3
        for (channel, wanted) in [colour.red, colour.green, colour.blue].enumerated() {
            let ground = Float(image.pixels[start + channel])
            image.pixels[start + channel] = UInt8((ground + (Float(wanted) - ground) * min(share, 1)).rounded())
        }
    }

    /// Fills a rectangle whose sides may lie between pixels.
    mutating func fill(x: Double, y: Double, width: Double, height: Double, _ colour: RGB) {
        for row in Int(y.rounded(.down))..<Int((y + height).rounded(.up)) {
            let rowShare = min(y + height, Double(row + 1)) - max(y, Double(row))
            for column in Int(x.rounded(.down))..<Int((x + width).rounded(.up)) {
                let columnShare = min(x + width, Double(column + 1)) - max(x, Double(column))
                blend(colour, share: Float(rowShare * columnShare), x: column, y: row)
            }
        }
    }

    /// Copies a picture's bytes; it must lie inside.
    mutating func place(_ picture: RasterImage, x: Int, y: Int) {
        let count = picture.width * 3
        for row in 0..<picture.height {
            let start = ((y + row) * image.width + x) * 3
            image.pixels.replaceSubrange(start..<start + count, with: picture.pixels[row * count..<(row + 1) * count])
        }
    }
}
