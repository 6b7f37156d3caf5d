public import Records

/// Lines and rectangles on pictures, clipped to the image, without antialiasing.
extension RGBImage {
    /// Fills a rectangle, `opacity` (0 to 255) of `color` over what is there.
    public mutating func fill(_ rect: PixelRect, _ color: RGBColor, opacity: Int = 255) {
        let (right, bottom) = (min(rect.x + rect.width, width), min(rect.y + rect.height, height))
        let channels = (Int(color.red) * opacity, Int(color.green) * opacity, Int(color.blue) * opacity)
        func blend(_ old: UInt8, _ new: Int) -> UInt8 {
            UInt8(clamping: (Int(old) * (255 - opacity) + new + 127) / 255)
        }
        for y in stride(from: max(rect.y, 0), to: bottom, by: 1) {
            for x in stride(from: max(rect.x, 0), to: right, by: 1) {
                let at = (y * width + x) * 3
                pixels[at] = blend(pixels[at], channels.0)
                pixels[at + 1] = blend(pixels[at + 1], channels.1)
                pixels[at + 2] = blend(pixels[at + 2], channels.2)
            }
        }
    }

    /// The outline of a rectangle, one pixel thick, inside it.
    public mutating func stroke(_ rect: PixelRect, _ color: RGBColor) {
        let (x, y, width, height) = (rect.x, rect.y, rect.width, rect.height)
        fill(PixelRect(x: x, y: y, width: width, height: 1), color)
        fill(PixelRect(x: x, y: y + height - 1, width: width, height: 1), color)
        fill(PixelRect(x: x, y: y, width: 1, height: height), color)
        fill(PixelRect(x: x + width - 1, y: y, width: 1, height: height), color)
    }

    /// A closed line through the points, `thickness` pixels square at each step.
    public mutating func stroke(ring points: [PixelPoint], _ color: RGBColor, thickness: Int) {
        guard var from = points.last else { return }
        for to in points {
            line(from, to, color, thickness)
            from = to
        }
    }

    private mutating func line(_ from: PixelPoint, _ to: PixelPoint, _ color: RGBColor, _ thickness: Int) {
        let steps = max(abs(to.x - from.x), abs(to.y - from.y), 1)
        for step in 0...steps {
            let x = from.x + (2 * (to.x - from.x) * step + steps) / (2 * steps)
            let y = from.y + (2 * (to.y - from.y) * step + steps) / (2 * steps)
            let half = thickness / 2
            fill(PixelRect(x: x - half, y: y - half, width: thickness, height: thickness), color)
        }
    }
}
