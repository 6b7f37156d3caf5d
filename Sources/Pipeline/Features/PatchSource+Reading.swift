import Foundation
import Records
import Slides
import Storage

extension PatchSource {
    /// Opens the slide and hands its patches, in row order, to `use`.
    /// - Returns: the grid's rows that could be read.
    func readPatches(
        _ grid: PatchGrid,
        times: inout WorkTimes,
        use: (PixelBatch, inout WorkTimes) throws -> Void
    ) throws -> [Int] {
        var kept: [Int] = []
        guard grid.count > 0 else { return kept }
        var (watch, resampling) = (Stopwatch(), Duration.zero)
        let slide = try Slide(path: slidePath, rules: rules)
        var reader = PatchReader(of: slide, grid: grid)
        while let batch = try reader.nextBatch() {
            resampling += watch.lap()
            try use(batch, &times)
            kept += batch.rows
            _ = watch.lap()
        }
        times.add(slide.readingTime, to: .decode)
        times.add(resampling + watch.lap() - slide.readingTime, to: .transform)
        return kept
    }
}
