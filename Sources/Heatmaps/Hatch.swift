public import Foundation
import Imaging
public import Records
import Storage

/// Oblique lines, dark beside light, that no map's colours and no stain look like.
struct Hatch {
    static let dark = RGB(27, 31, 36)
    static let light = RGB(255, 255, 255)
    /// Of both against what lies below.
    static let opacity: Float = 0.85

    /// From one dark line to the next along a row, in pixels.
    let period: Int
    /// Width of a line along a row, in pixels.
    let line: Int

    /// nil between the lines.
    func colour(x: Int, y: Int) -> RGB? {
        let place = (x + y) % period
        return place < line ? Self.dark : place < 2 * line ? Self.light : nil
    }
}

extension Hatch {
    /// - Parameter unit: size of the running text beside the picture, in pixels.
    init(unit: Double) {
        let line = max(1, Int((unit / 9).rounded()))
        self.init(period: 5 * line, line: line)
    }
}

extension UncoveredTissue {
    /// The pixels of a picture whose middles lie on it.
    func forEachPixel(width: Int, height: Int, grid: PictureGrid, _ body: (_ x: Int, _ y: Int) -> Void) {
        func middles(_ range: Range<Int>, _ origin: Double, _ downsample: Double, _ count: Int) -> Range<Int> {
            BinaryImage.middles(
                from: (Double(range.lowerBound) - origin) / downsample,
                to: (Double(range.upperBound) - origin) / downsample,
                below: count
            )
        }
        for band in bands {
            let rows = middles(band.rows, grid.y, grid.downsampleY, height)
            if rows.isEmpty { continue }
            for columns in band.columns.map({ middles($0, grid.x, grid.downsampleX, width) }) where !columns.isEmpty {
                for y in rows { for x in columns { body(x, y) } }
            }
        }
    }

    /// The picture with the uncovered tissue hatched.
    func drawn(over backdrop: Backdrop, _ hatch: Hatch) -> RGBImage {
        var image = backdrop.image
        forEachPixel(width: image.width, height: image.height, grid: backdrop.grid) { x, y in
            guard let colour = hatch.colour(x: x, y: y) else { return }
            image.blend(colour, share: Hatch.opacity, x: x, y: y)
        }
        return image
    }

    /// A square tile of the hatch alone as PNG, transparent beside it.
    public func tile(_ grid: PictureGrid, side: Int = TilePyramid.side) throws -> Data {
        // Divides the tile's side, so that lines go on in the next one.
        let hatch = Hatch(period: 8, line: 2)
        var pixels = [UInt8](repeating: 0, count: side * side * 4)
        forEachPixel(width: side, height: side, grid: grid) { x, y in
            guard let colour = hatch.colour(x: x, y: y) else { return }
            let start = (y * side + x) * 4
            (pixels[start], pixels[start + 1], pixels[start + 2]) = (colour.red, colour.green, colour.blue)
            pixels[start + 3] = UInt8((255 * Hatch.opacity).rounded())
        }
        return try PNGFile.encode(pixels, width: side, height: side, hasAlpha: true)
    }
}
