import Foundation
import Pipeline
import Records
import Sample

/// Two slides of `wsi sample`, each read as several of its kind: pyramids of JPEG tiles whose files lie in memory.
enum BenchSlides {
    /// Two for each worker, so that none waits at the end.
    /// - Parameters:
    ///   - patches: of all slides together, at least.
    ///   - cut: of the patches.
    static func make(_ patches: Int, _ cut: PatchCut, workers: Int, in folder: URL) async throws -> [SlideEntry] {
        let count = 2 * workers
        let side = side(of: Double(patches) / Double(count), cut)
        try await SampleCohort.write(
            to: folder,
            options: SampleOptions(slides: 2, side: side),
            concurrency: MachineShare().coreCount
        )
        // Where the largest slides do not hold so many, there are more of them.
        let repeats = max(count, (Double(patches) / (Double(side * side) * share(cut))).rounded(.up).whole)
        return try (0..<repeats).map { index in
            let slide = folder.appending(path: "slides/sample_00\(index % 2 + 1).svs")
            return SlideEntry(id: try SlideID("slide_\(index + 1)"), path: slide.path)
        }
    }

    /// Pixels along a side of a slide with so many patches.
    static func side(of patches: Double, _ cut: PatchCut) -> Int {
        let wanted = (max(1, patches) / share(cut)).squareRoot().whole
        return min(max(wanted, 2048), 12_288)
    }

    /// Patches for each pixel: a third of a slide is tissue, or more.
    private static func share(_ cut: PatchCut) -> Double {
        let side = Double(cut.side) * cut.mpp / 0.5
        return 0.33 / (side * side)
    }
}
