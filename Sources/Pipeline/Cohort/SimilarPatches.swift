public import Evaluation
import Foundation
public import Records
import Storage

/// The patches of a cohort whose features are nearest to those of one.
public struct SimilarPatches: Codable, Equatable, Sendable {
    public struct Patch: Codable, Equatable, Sendable {
        public var slide: SlideID
        /// In the slide's feature file.
        public var row: Int
        /// Upper left corner in level-0 pixels; nil where the features do not tell.
        public var x: Int?
        public var y: Int?
        public var distance: Double
    }

    public var slide: SlideID
    public var row: Int
    public var measure: String
    /// Patches that were compared: all but the one itself and those with a feature that is no finite number.
    public var compared: Int
    public var nearest: [Patch]
}

extension CohortRun {
    /// Compares every patch of every slide; no more than one slide is in memory.
    /// - Throws: `Failure` for a slide or a row that is not there; errors of features that cannot be used.
    public func similar(
        to slide: SlideID,
        row: Int,
        measure: NearestRows.Measure,
        count: Int,
        progress: ProgressSink
    ) throws -> SimilarPatches {
        let files = material.features.files
        let slides = material.reading.cohort.slides.map(\.slide).filter { files[$0] != nil }
        guard let file = files[slide] else {
            throw Failure(.usage, slide.text, "no slide of the cohort that has features is called so")
        }
        let shelf = FeatureShelf()
        let own = try shelf.features(in: file, of: slide)
        guard own.count > row, row >= 0 else {
            throw Failure(.usage, slide.text, "it has patches 0 to \(own.count - 1); there is no patch \(row)")
        }
        let query = Array(own.features[row * own.width..<(row + 1) * own.width])
        guard query.allSatisfy(\.isFinite) else {
            throw Failure(.nonFinite, slide.text, "patch \(row) has a feature that is no finite number")
        }
        var nearest = NearestRows(query, measure, count: count)
        progress(.began(stage: "cohort", units: slides.count, done: 0))
        for other in slides {
            guard let place = files[other] else { continue }
            let features = try other == slide ? own : shelf.features(in: place, of: other)
            guard features.count == 0 || features.width == own.width else {
                let reason =
                    "features are \(features.width) wide, those of \(slide) \(own.width); use those of one encoder"
                throw BagError.bag(slide: other.text, reason: reason)
            }
            nearest.look(at: other, features.features, leavingOut: other == slide ? row : nil)
            progress(.finished(unit: other.text, failure: nil))
        }
        let corners = try Dictionary(
            Set(nearest.found.map(\.slide)).sorted().map { found in
                (found, try files[found].map { try shelf.places(in: $0, of: found).corners } ?? [])
            },
            uniquingKeysWith: { first, _ in first }
        )
        return SimilarPatches(
            slide: slide,
            row: row,
            measure: measure.rawValue,
            compared: nearest.compared,
            nearest: nearest.found.map { found in
                let corner = corners[found.slide].flatMap { $0.indices.contains(found.row) ? $0[found.row] : nil }
                return SimilarPatches.Patch(
                    slide: found.slide,
                    row: found.row,
                    x: corner?.x,
                    y: corner?.y,
                    distance: found.distance
                )
            }
        )
    }
}
