import Foundation
import Records
import Slides
import Storage

extension PatchSource {
    /// Opens the slide and hands its patches, in row order, to `use`.
    /// - Returns: the grid's rows that could be read.
    func readPatches(_ grid: PatchGrid, use: (PixelBatch) throws -> Void) throws -> [Int] {
        var kept: [Int] = []
        guard grid.count > 0 else { return kept }
        var reader = PatchReader(of: try Slide(path: slidePath), grid: grid)
        while let batch = try reader.nextBatch() {
            try use(batch)
            kept += batch.rows
        }
        return kept
    }
}
