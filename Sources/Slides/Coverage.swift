import Imaging
import Records

/// Fractions of ones in any rectangle in constant time, from a summed-area table of a picture at the scale of the mask
/// (Crow, SIGGRAPH 1984).
struct Coverage {
    private let width: Int
    private let height: Int
    private let scale: Double
    /// `[height + 1, width + 1]`: ones above and left of a corner.
    private var sums: [Int32]

    init(_ mask: TissueMask) { self.init(of: mask.image, scale: mask.scale) }

    /// - Parameter scale: level-0 pixels per pixel.
    init(of image: BinaryImage, scale: Double) {
        (width, height, self.scale) = (image.width, image.height, scale)
        sums = Array(repeating: 0, count: (width + 1) * (height + 1))
        for y in 0..<height {
            var row: Int32 = 0
            for x in 0..<width {
                row += Int32(image.bits[y * width + x])
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row
            }
        }
    }

    /// The fraction of a rectangle in level-0 pixels that is ones; pixels on its border count by the part inside.
    func fraction(of rect: PixelRect) -> Double {
        let (left, right) = (Double(rect.x) / scale, Double(rect.x + rect.width) / scale)
        let (top, bottom) = (Double(rect.y) / scale, Double(rect.y + rect.height) / scale)
        let ones = sum(right, bottom) - sum(left, bottom) - sum(right, top) + sum(left, top)
        return ones / ((right - left) * (bottom - top))
    }

    /// The table between its corners: linear in both axes, as the picture is constant over a pixel.
    private func sum(_ x: Double, _ y: Double) -> Double {
        let (x, y) = (min(max(x, 0), Double(width)), min(max(y, 0), Double(height)))
        let (column, row) = (min(Int(x), width - 1), min(Int(y), height - 1))
        let (right, down) = (x - Double(column), y - Double(row))
        let at = row * (width + 1) + column
        let upper = Double(sums[at]) * (1 - right) + Double(sums[at + 1]) * right
        let lower = Double(sums[at + width + 1]) * (1 - right) + Double(sums[at + width + 2]) * right
        return upper * (1 - down) + lower * down
    }
}
