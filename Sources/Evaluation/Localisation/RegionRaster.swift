import Foundation
import Imaging
import Records
import Storage

/// Annotated regions drawn on square cells over a slide; a cell belongs to a region where its centre does.
struct RegionRaster {
    /// Side of a cell in level-0 pixels; cell (0, 0) begins at level-0 pixel (0, 0).
    let cell: Double
    private(set) var image: BinaryImage

    /// About CAMELYON16's level 5.
    private static let wantedMPP = 8.0
    private static let mostCells = 100_000_000.0

    /// - Parameters:
    ///   - size: of the slide in level-0 pixels.
    ///   - mpp: µm per level-0 pixel; cells are the power of two that comes nearest to 8 µm. nil: a sixteenth of a patch.
    ///   - patchSide: in level-0 pixels.
    init(_ drawn: AnnotatedRegions, size: PixelSize, mpp: Double?, patchSide: Int) {
        var cell = mpp.map { exp2((log2(Self.wantedMPP / $0)).rounded()) } ?? Double(patchSide) / 16
        cell = max(cell, 1)
        while Double(size.width) / cell * (Double(size.height) / cell) > Self.mostCells { cell *= 2 }
        self.cell = cell
        let (width, height) = (
            Int((Double(size.width) / cell).rounded(.up)), Int((Double(size.height) / cell).rounded(.up))
        )
        image = BinaryImage(width: width, height: height, bits: [UInt8](repeating: 0, count: width * height))
        for polygon in drawn.regions { image.paint(1, inside: polygon, scale: cell) }
        for polygon in drawn.exclusions { image.paint(0, inside: polygon, scale: cell) }
    }

    /// Cell that holds a point; nil outside of the slide.
    func cell(at point: PlanePoint) -> (x: Int, y: Int)? {
        let (x, y) = ((point.x / cell).rounded(.down), (point.y / cell).rounded(.down))
        guard x >= 0, y >= 0, x < Double(image.width), y < Double(image.height) else { return nil }
        return (Int(x), Int(y))
    }
}

extension RegionRaster {
    /// How much the cells of a region and the cells whose map reaches a value have in common.
    struct Overlap: Equatable {
        var both = 0
        var drawn = 0
        var reached = 0

        /// Dice's coefficient; nil where both are empty.
        var dice: Double? { drawn + reached > 0 ? 2 * Double(both) / Double(drawn + reached) : nil }

        static func + (left: Overlap, right: Overlap) -> Overlap {
            Overlap(
                both: left.both + right.both,
                drawn: left.drawn + right.drawn,
                reached: left.reached + right.reached
            )
        }
    }

    /// - Parameters:
    ///   - values: of the patches; where patches overlap, a cell has their mean.
    ///   - least: a cell counts where its value is this or more.
    func overlap(with values: [Double], corners: [PixelPoint], side: Int, least: Double) -> Overlap {
        var overlap = Overlap(drawn: image.count)
        var sums = [Double](repeating: 0, count: image.width)
        var counts = [Int32](repeating: 0, count: image.width)
        let byRow = corners.indices.sorted { corners[$0].y < corners[$1].y }
        var (next, active) = (0, [Int]())
        for row in 0..<image.height {
            let y = (Double(row) + 0.5) * cell
            while next < byRow.count, Double(corners[byRow[next]].y) <= y {
                active.append(byRow[next])
                next += 1
            }
            active.removeAll { Double(corners[$0].y) + Double(side) <= y }
            guard !active.isEmpty else { continue }
            var reach = image.width..<image.width
            for patch in active {
                let left = Double(corners[patch].x)
                let columns = BinaryImage.middles(
                    from: left / cell,
                    to: (left + Double(side)) / cell,
                    below: image.width
                )
                for column in columns {
                    sums[column] += values[patch]
                    counts[column] += 1
                }
                reach = min(reach.lowerBound, columns.lowerBound)..<image.width
            }
            for column in reach where counts[column] > 0 {
                if sums[column] / Double(counts[column]) >= least {
                    overlap.reached += 1
                    overlap.both += Int(image.bits[row * image.width + column])
                }
                sums[column] = 0
                counts[column] = 0
            }
        }
        return overlap
    }
}
