import Foundation
public import Records
import Slides
import Storage

/// Whether patches of another tool's features lie on the slides that a job has tiled.
struct PlacementCheck {
    /// nil: a file's own word alone is known of its slide.
    private let layout: JobLayout?
    /// Every slide that the features may be of.
    private let slides: Set<SlideID>
    private var renamed: [(slide: SlideID, name: String)] = []
    private let shelf = FeatureShelf()
    private var doubtful: [(slide: SlideID, overlap: PatchOverlap)] = []
    private var inferred: [(slide: SlideID, side: Int)] = []

    init(_ layout: JobLayout?, slides: Set<SlideID>) { (self.layout, self.slides) = (layout, slides) }

    /// - Parameter side: of a patch in level-0 pixels, where the file does not say it.
    /// - Returns: why the features cannot be the slide's; nil where nothing speaks against it.
    /// - Throws: `StorageError` for a file that cannot be read.
    mutating func fault(of slide: SlideID, in file: URL, side given: Int?) throws -> Failure? {
        let places = try shelf.places(in: file, of: slide)
        let stated = places.facts.onSlide
        if let name = stated.name, name != slide.text, let own = Self.slide(named: name), own != slide {
            if slides.contains(own) {
                let reason = "its features say themselves that they are of slide '\(own)'"
                return Failure(.mismatch, slide.text, "\(reason); use the features of this slide")
            }
            renamed.append((slide, name))
        }
        let grid: PatchGrid?
        do { grid = try layout?.tiledPatches(of: slide) } catch let failure as Failure { return failure }
        if let fault = stated.faults(of: places.corners, on: grid?.slideSize).first {
            return Failure(.mismatch, slide.text, "\(fault.words); use the features of this slide")
        }
        if stated.sideOrigin == .inferred, given == nil, let side = stated.side { inferred.append((slide, side)) }
        let side = stated.sideOrigin == .stated ? stated.side : given ?? stated.side
        if let side, let grid,
            let overlap = PatchOverlap(places.corners, side: side, with: grid.corners, side: grid.geometry.sideLevel0),
            overlap.isDoubtful
        {
            doubtful.append((slide, overlap))
        }
        return nil
    }

    /// Nil for what no slide can be called.
    private static func slide(named name: String) -> SlideID? {
        try? SlideID(SlideExtensions.removed(from: name) ?? name)
    }

    /// A line for each thing to be said.
    var notes: [String] {
        var notes: [String] = []
        if !doubtful.isEmpty {
            let shown = doubtful.map { "\($0.slide) (\($0.overlap.words))" }.shortened
            notes.append(
                "warning: the features of \(doubtful.count) slide(s) may be another slide's or of another scale, "
                    + "by the tissue that this job has found: \(shown)"
            )
        }
        if !renamed.isEmpty {
            let shown = renamed.map { "\($0.slide) (\(SlideID.shown($0.name)))" }.shortened
            notes.append("the features of \(renamed.count) slide(s) call their slide by another name: \(shown)")
        }
        if !inferred.isEmpty {
            let sides = Set(inferred.map(\.side)).sorted().map { "\($0)" }.joined(separator: ", ")
            notes.append(
                "the side of a patch is inferred from the distance of patches: \(sides) level-0 pixels "
                    + "(\(inferred.count) slide(s): \(inferred.map(\.slide.text).shortened)); "
                    + "--patch-size-level0 says another"
            )
        }
        return notes
    }
}

extension JobLayout {
    /// The patches that this job has cut from a slide; nil where it has none.
    /// - Throws: `Failure` with `.digest` where their file is not what was written, `StorageError`.
    func tiledPatches(of slide: SlideID) throws -> PatchGrid? {
        guard let tiled = try record(of: slide, stage: StageName.tile), tiled.hasResult, let folder = tiled[.grid]
        else {
            return nil
        }
        try tiled.check(in: self, of: JobLayout.isPatchFile)
        return try PatchFile.read(patches(in: grid(folder), slide)).grid
    }

    /// Whether another tool's patches of a slide lie on the tissue that this job has found there.
    /// - Parameter side: of a patch in level-0 pixels.
    /// - Returns: what speaks against it, for a warning.
    /// - Throws: as `tiledPatches(of:)`.
    public func doubt(about corners: [PixelPoint], side: Int, of slide: SlideID) throws -> String? {
        guard let grid = try tiledPatches(of: slide),
            let overlap = PatchOverlap(corners, side: side, with: grid.corners, side: grid.geometry.sideLevel0),
            overlap.isDoubtful
        else { return nil }
        return "its patches may be another slide's or of another scale, by the tissue that this job has found: "
            + overlap.words
    }
}

extension PatchOverlap {
    var words: String {
        func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
        return "\(percent(touching)) of the patches touch it and cover \(percent(covered)) of it"
    }
}
