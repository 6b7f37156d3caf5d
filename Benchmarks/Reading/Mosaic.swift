import Foundation
import Imaging
import Records
import Sample
import Slides

/// A large slide from the blocks of a small one: its tissue in an ellipse over a third of the area, its glass around it.
///
/// Blocks lie on the grid of the small slide's tiles, so that compressing them again costs about as many bits as it did.
struct Mosaic: PixelSource {
    let size: PixelSize
    private let side: Int
    private let tissue: [RGBImage]
    private let glass: RGBImage

    /// - Parameter side: of a block, that of the small slide's tiles.
    init(of slide: Slide, side: Int, size: PixelSize) throws {
        self.size = size
        self.side = side
        var blocks: [(image: RGBImage, colour: Int)] = []
        for y in stride(from: 0, through: slide.size.height - side, by: side) {
            for x in stride(from: 0, through: slide.size.width - side, by: side) {
                let image = try slide.read(level: 0, x: x, y: y, width: side, height: side)
                blocks.append((image, Self.colour(of: image)))
            }
        }
        blocks.sort { $0.colour > $1.colour }
        guard let last = blocks.last else { throw BenchmarkError("\(slide.file) is smaller than a block") }
        tissue = blocks.prefix(max(1, blocks.count / 3)).map(\.image)
        glass = last.image
    }

    private static func colour(of image: RGBImage) -> Int {
        stride(from: 0, to: image.pixels.count, by: 3).reduce(0) {
            $0 + abs(Int(image.pixels[$1]) - Int(image.pixels[$1 + 1]))
        }
    }

    private func isTissue(_ column: Int, _ row: Int) -> Bool {
        let x = (Double(column * side + side / 2) / Double(size.width) - 0.5) / 0.38
        let y = (Double(row * side + side / 2) / Double(size.height) - 0.5) / 0.3
        return x * x + y * y < 1
    }

    /// Corners of whole patches of 256 pixels inside the ellipse, row by row.
    func corners(shiftedBy shift: PixelPoint, columns: Range<Int>, rows: Range<Int>) -> [PixelPoint] {
        rows.flatMap { row in
            columns.compactMap { column in
                let corner = PixelPoint(x: shift.x + column * 256, y: shift.y + row * 256)
                return isTissue((corner.x + 128) / side, (corner.y + 128) / side) ? corner : nil
            }
        }
    }

    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        for y in rows {
            let line = (y - rows.lowerBound) * size.width * 3
            for left in stride(from: 0, to: size.width, by: side) {
                let (column, row) = (left / side, y / side)
                let block = isTissue(column, row) ? tissue[(column &* 7 &+ row &* 13) % tissue.count] : glass
                let count = min(side, size.width - left) * 3
                let start = y % side * side * 3
                let target = UnsafeMutableBufferPointer(rebasing: pixels[(line + left * 3)..<(line + left * 3 + count)])
                _ = target.update(fromContentsOf: block.pixels[start..<(start + count)])
            }
        }
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
