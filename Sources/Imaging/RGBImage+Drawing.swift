public import Records

/// Rectangles, lines and pictures on pictures, clipped to the image.
extension RGBImage {
    /// Mixes a colour into one pixel; outside the image nothing happens.
    /// - Parameter share: the colour's part, 0 to 1.
    public mutating func blend(_ colour: RGB, share: Float, x: Int, y: Int) {
        guard share > 0, x >= 0, y >= 0, x < width, y < height else { return }
        self[x, y] = self[x, y].mixed(with: colour, share: min(share, 1))
    }

    /// Fills a rectangle whose sides may lie between pixels.
    public mutating func fill(x: Double, y: Double, width: Double, height: Double, _ colour: RGB) {
        for row in Int(y.rounded(.down))..<Int((y + height).rounded(.up)) {
            let rowShare = min(y + height, Double(row + 1)) - max(y, Double(row))
            for column in Int(x.rounded(.down))..<Int((x + width).rounded(.up)) {
                let columnShare = min(x + width, Double(column + 1)) - max(x, Double(column))
                blend(colour, share: Float(rowShare * columnShare), x: column, y: row)
            }
        }
    }

    /// Fills a rectangle of whole pixels, `opacity` (0 to 255) of `colour` over what is there.
    public mutating func fill(_ rect: PixelRect, _ colour: RGB, opacity: Int = 255) {
        let (right, bottom) = (min(rect.x + rect.width, width), min(rect.y + rect.height, height))
        let share = Float(opacity) / 255
        for y in stride(from: max(rect.y, 0), to: bottom, by: 1) {
            for x in stride(from: max(rect.x, 0), to: right, by: 1) { blend(colour, share: share, x: x, y: y) }
        }
    }

    /// The outline of a rectangle, one pixel thick, inside it.
    public mutating func stroke(_ rect: PixelRect, _ colour: RGB) {
        let (x, y, width, height) = (rect.x, rect.y, rect.width, rect.height)
        fill(PixelRect(x: x, y: y, width: width, height: 1), colour)
        fill(PixelRect(x: x, y: y + height - 1, width: width, height: 1), colour)
        fill(PixelRect(x: x, y: y, width: 1, height: height), colour)
        fill(PixelRect(x: x + width - 1, y: y, width: 1, height: height), colour)
    }

    /// A closed line through the points, `thickness` pixels square at each step, without antialiasing.
    public mutating func stroke(ring points: [PixelPoint], _ colour: RGB, thickness: Int) {
        guard var from = points.last else { return }
        for to in points {
            line(from, to, colour, thickness)
            from = to
        }
    }

    private mutating func line(_ from: PixelPoint, _ to: PixelPoint, _ colour: RGB, _ thickness: Int) {
        let steps = max(abs(to.x - from.x), abs(to.y - from.y), 1)
        for step in 0...steps {
            let x = from.x + (2 * (to.x - from.x) * step + steps) / (2 * steps)
            let y = from.y + (2 * (to.y - from.y) * step + steps) / (2 * steps)
            let half = thickness / 2
            fill(PixelRect(x: x - half, y: y - half, width: thickness, height: thickness), colour)
        }
    }

    /// Copies a picture's bytes.
    /// - Precondition: it lies inside.
    public mutating func place(_ picture: RGBImage, x: Int, y: Int) {
        let count = picture.width * 3
        for row in 0..<picture.height {
            let start = ((y + row) * width + x) * 3
            pixels.replaceSubrange(start..<start + count, with: picture.pixels[row * count..<(row + 1) * count])
        }
    }
}
