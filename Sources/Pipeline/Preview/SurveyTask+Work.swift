public import Config
public import Foundation
import Imaging
public import Records
import Slides
import Storage
import Texture

/// Looks into one slide for `--dry-run` and `wsi init`, and writes nothing. Its outcome is told, never recorded.
public struct SurveyTask: Codable, Sendable {
    public enum Subject: Codable, Sendable {
        /// With its file of `tiling.regions`.
        case slide(SlideEntry, TilingConfig, regions: URL?)
        /// One that has its patches already.
        case patches(PatchSource)
    }

    /// What its outcome's figures are called.
    enum Figure: String, Sendable {
        /// µm per pixel at level 0.
        case mpp
        /// Patches that fit on the slide, with tissue or without.
        case candidates
        /// Of a measured slide: its patches, and the size of what tiling writes.
        case patches, bytes
        /// Of a measured slide: seconds that tiling takes.
        case tileSeconds = "tile_s"
        /// Of a measured slide: seconds to decode one patch and compute he-texture-v1.
        case patchSeconds = "patch_s"
    }

    public var subject: Subject
    /// Whether to measure, or only to open.
    public var isMeasured: Bool

    static let stage = StageName("survey")

    /// - Throws: only for bugs; what is wrong with the slide is in the outcome.
    public func outcome(times: inout WorkTimes) throws -> Outcome {
        var watch = Stopwatch()
        defer { times.add(watch.lap(), to: .transform) }
        let fingerprint = Fingerprint(stage: Self.stage.text, parameters: [:], inputs: [:])
        return try Outcome.of(slide, stage: Self.stage, fingerprint: fingerprint) { outcome in
            switch subject {
            case .slide(let entry, let tiling, let regions):
                outcome.figures = Self.named(try survey(entry, tiling, regions))
            case .patches(let source):
                let grid = try PatchFile.read(source.patches).grid
                let slide = try Slide(path: source.slidePath, rules: source.rules)
                outcome.figures = Self.named([.patchSeconds: try pace(of: slide, grid)])
            }
        }
    }

    private static func named(_ figures: [Figure: Double?]) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: figures.compactMap { figure, value in value.map { (figure.rawValue, $0) } })
    }

    static func figures(of outcome: Outcome) -> [Figure: Double] {
        let known = outcome.figures.compactMap { name, value in Figure(rawValue: name).map { ($0, value) } }
        return Dictionary(uniqueKeysWithValues: known)
    }

    var slide: SlideID {
        switch subject {
        case .slide(let entry, _, _): entry.id
        case .patches(let source): source.slide
        }
    }

    var slidePath: String {
        switch subject {
        case .slide(let entry, _, _): entry.path
        case .patches(let source): source.slidePath
        }
    }

    private func survey(_ entry: SlideEntry, _ tiling: TilingConfig, _ regions: URL?) throws -> [Figure: Double?] {
        var watch = Stopwatch()
        let slide = try Slide(path: entry.path, rules: tiling.rules)
        let given =
            entry.mpp.map { SlideScale(mpp: $0, source: .table) }
            ?? tiling.slideMPP.map { SlideScale(mpp: $0, source: .option) }
        let scale = try slide.scale(given: given, acceptInches: tiling.mppFromTIFF)
        let geometry = try GridPlanner.geometry(of: slide.pyramid, mpp: scale.mpp, config: tiling)
        let grid = GridPlanner.candidates(on: slide.pyramid, geometry, tiling.edge)
        var figures: [Figure: Double?] = [.mpp: scale.mpp, .candidates: Double(grid.width) * Double(grid.height)]
        guard isMeasured else { return figures }
        let tiled = try SlideTiling(
            of: slide,
            id: entry.id,
            config: tiling,
            tableMPP: entry.mpp,
            regions: regions.map { try AnnotatedRegions(contentsOf: $0) }
        )
        figures[.tileSeconds] = watch.lap() / .seconds(1)
        figures[.patches] = Double(tiled.grid.count)
        let pictures = [
            tiled.thumbnail, tiled.contours, tiled.visualization, tiled.findings, tiled.contoursGeoJSON,
        ].map(\.count)
        let columns = tiled.quality.columns.count
        figures[.bytes] = Double(
            pictures.reduce(0, +) + Preview.frameBytes + tiled.grid.count * (16 + 4 * columns)
        )
        figures[.patchSeconds] = try pace(of: slide, tiled.grid)
        return figures
    }

    /// Seconds per patch over 64 patches from the middle of the grid; nil where it has none, or is of a side that
    /// he-texture-v1 does not take.
    private func pace(of slide: Slide, _ grid: PatchGrid) throws -> Double? {
        guard grid.count > 0, HETexture.sides.contains(grid.geometry.patchSize) else { return nil }
        var some = grid
        some.corners = Array(grid.corners.dropFirst(max(0, grid.count - Self.paced) / 2).prefix(Self.paced))
        var watch = Stopwatch()
        var reader = PatchReader(of: slide, grid: some)
        while let batch = try reader.nextBatch() {
            _ = HETexture.features(ofPatches: batch.pixels, count: batch.count, side: batch.side)
        }
        return watch.lap() / .seconds(1) / Double(some.count)
    }

    private static let paced = 64
}
