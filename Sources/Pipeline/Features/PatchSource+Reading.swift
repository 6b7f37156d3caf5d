import Foundation
import Records
import Slides
import Storage

extension PatchSource {
    /// A slide's patches once they are read.
    struct Kept {
        /// Of the grid, that could be read.
        var rows: [Int] = []
        /// The version that read them; nil where the slide was not opened, or another reader did.
        var openSlide: String?
    }

    /// Opens the slide and hands its patches, in row order, to `use`.
    func readPatches(
        _ grid: PatchGrid,
        times: inout WorkTimes,
        use: (PixelBatch, inout WorkTimes) throws -> Void
    ) throws -> Kept {
        var kept = Kept()
        guard grid.count > 0 else { return kept }
        var (watch, resampling) = (Stopwatch(), Duration.zero)
        let slide = try Slide(path: slidePath, rules: rules)
        kept.openSlide = slide.openSlide
        var reader = PatchReader(of: slide, grid: grid)
        while let batch = try reader.nextBatch() {
            resampling += watch.lap()
            try use(batch, &times)
            kept.rows += batch.rows
            _ = watch.lap()
        }
        times.add(slide.readingTime, to: .decode)
        times.add(resampling + watch.lap() - slide.readingTime, to: .transform)
        return kept
    }
}
