import Files
import Foundation
import Records
import Storage

/// Whether features, model and slides belong together.
extension PredictStage {
    /// Compares the features with those of the training; finer ones with those of their slide, which were compared before.
    /// - Throws: `Failure`, `.usage` where `--model` or `--features` brought them together, else `.mismatch`.
    func join(
        _ slides: [SlideID],
        _ features: Features,
        _ finer: Features?,
        _ study: TrainedStudy,
        _ bags: PredictBags
    ) throws -> FeatureJoin {
        let wanted = try study.facts(of: model)
        var join = FeatureJoin(with: wanted, of: "the model \(name)", allowsScale: allowsScaleMismatch)
        if let finer {
            let own = try Dictionary(
                features.shapes(of: slides).map { ($0.slide, $0.shape.facts) },
                uniquingKeysWith: { first, _ in first }
            )
            for (slide, shape) in try finer.shapes(of: slides) {
                var alone = FeatureJoin(with: own[slide] ?? wanted, of: "the slide's own features", allowsScale: false)
                alone.add(slide, shape.facts)
                if let failure = alone.failure(.mismatch) { throw failure }
            }
            return join
        }
        for (slide, shape) in try features.shapes(readableOf: Set(slides.flatMap { bags.slides(of: $0) }).sorted()) {
            join.add(slide, shape.facts)
        }
        let isOwn = self.features == nil && model.job.root.standardizedFileURL == layout.root.standardizedFileURL
        if let failure = join.failure(isOwn ? .mismatch : .usage) { throw failure }
        return join
    }

    /// Slides whose features of another tool cannot be theirs. Those of this job were made of its patches.
    func misplaced(
        _ slides: [SlideID],
        _ features: Features,
        _ side: Int?,
        _ bags: PredictBags,
        _ progress: ProgressSink
    ) throws -> [SlideID: Failure] {
        guard features.areForeign else { return [:] }
        var check = try PlacementCheck(layout, slides: Set(features.files.keys).union(SlidePaths.read(layout).ids))
        var faults: [SlideID: Failure] = [:]
        for slide in Set(slides.flatMap { bags.slides(of: $0) }).sorted() {
            guard let file = features.files[slide] else { continue }
            do { faults[slide] = try check.fault(of: slide, in: file, side: side) } catch let error as StorageError {
                // Who reads the numbers says so in its own words.
                guard error.code.exitStatus != .temporary else { throw error }
            }
        }
        check.notes.forEach { progress(.note("predict: \($0)")) }
        // A bag of which one slide is not known is not that bag.
        return Dictionary(
            slides.compactMap { slide in
                bags.slides(of: slide).lazy.compactMap { faults[$0] }.first.map { (slide, $0) }
            },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
