import Evaluation
import Files
import Foundation
import Records
import Storage

/// What the features of a cohort's slides come to: each file is read once and not kept, so that memory is that of the largest slide
/// beside the means and the patches that are drawn.
struct CohortFeatures {
    /// A patch that was drawn.
    struct Patch {
        var slide: SlideID
        var row: Int
        var features: [Double]
        /// Upper left, in level-0 pixels; nil where the file does not tell.
        var corner: PixelPoint?
        /// In level-0 pixels.
        var side: Int?
    }

    /// Slides with patches, in the cohort's order.
    private(set) var slides: [CohortSlide] = []
    /// Mean of every feature over a slide's patches.
    private(set) var means: [[Double]] = []
    /// SHA-256 of all of a slide's numbers.
    private(set) var digests: [String] = []
    /// Patches of each slide.
    private(set) var counts: [Int] = []
    /// As many of each slide as their number allows, drawn by a seed; of more slides than patches the slides are drawn too.
    private(set) var patches: [Patch] = []

    var width: Int { means.first?.count ?? 0 }

    /// - Parameters:
    ///   - patches: how many are drawn of all slides together.
    ///   - looked: is told of each slide.
    /// - Throws: `BagError` for features that cannot be used, `StorageError` for files that cannot be read.
    init(_ features: Features, of cohort: [CohortSlide], patches: Int, seed: UInt64, looked: (SlideID) -> Void) throws {
        let known = cohort.filter { features.files[$0.slide] != nil }
        let share = max(1, patches / max(1, known.count))
        var order = CounterRandom(seed: seed, "cohort patches of slides")
        let drawing = Set(order.permutation(known.count).prefix(patches))
        let paths = known.compactMap { slide in features.files[slide.slide].map { (slide.slide.text, $0.path) } }
        let source = FeatureFileBags(Dictionary(paths, uniquingKeysWith: { first, _ in first }))
        for (place, slide) in known.enumerated() {
            defer { looked(slide.slide) }
            let file = try source.file(slide.slide)
            let width = means.first?.count
            let bag = try source.bag(of: [file], unit: slide.slide.text, slides: [slide.slide]).checked(width: width)
            guard bag.count > 0 else { continue }
            slides.append(slide)
            means.append(bag.meanFeatures)
            counts.append(bag.count)
            digests.append(bag.features.withUnsafeBytes { Digest.sha256($0) })
            guard drawing.contains(place) else { continue }
            var random = CounterRandom(seed: seed, "cohort patches", slide.slide)
            let drawn = random.permutation(bag.count).prefix(share).sorted()
            self.patches += drawn.map { row in
                Patch(
                    slide: slide.slide,
                    row: row,
                    features: bag.features[row * bag.width..<(row + 1) * bag.width].map(Double.init),
                    corner: file.corners.indices.contains(row) ? file.corners[row] : nil,
                    side: file.sideLevel0
                )
            }
        }
    }
}
