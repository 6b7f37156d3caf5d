import Foundation
import Records
import Storage

/// Which features are predicted on.
extension PredictStage {
    func features(of study: TrainedStudy, _ progress: ProgressSink) throws -> Features {
        var path = features
        if path == nil, study.config.features.path != nil {
            guard let known = try FeaturePaths.read(model.job).trainings[study.config.name] else {
                throw Failure(
                    .notFound,
                    model.url.path,
                    "its features are not known in this job; name them with --features"
                )
            }
            path = URL(filePath: known)
        }
        guard let path else {
            let features = try Features.read(layout, encoder: study.encoder.name, seen: settings.seen)
            guard features.files.isEmpty else { return features }
            throw Failure(
                .notFound,
                layout.root.path,
                "no features of \(study.encoder.name) in this job; run wsi features first, or name some with --features"
            )
        }
        let folder = try FeatureFolder(path)
        let cohort = study.slides
        let found = try folder.matched(to: cohort.union(SlidePaths.read(layout).ids))
        if let clash = found.clashes.first {
            throw Failure(
                .usage,
                clash.slide.text,
                "two files are of this slide: \(clash.files.map(\.path).joined(separator: " and "))"
            )
        }
        let files = found.all
        guard !files.isEmpty else { throw Failure(.notFound, path.path, "no feature file of a slide is here") }
        folder.notes.forEach { progress(.note("predict: \($0)")) }
        // New slides are judged by every fold: under other names those of the training would be, too.
        let missing = cohort.filter { found.files[$0] == nil }
        if let hint = NameHint.text(found.strangers.keys.map(\.text), slides: Array(missing)) {
            progress(
                .note(
                    "predict: \(found.strangers.count) feature file(s) are of no slide of the training and count as new; \(hint)"
                )
            )
        }
        return try Features(files: files).digested(files.keys, in: layout, settings.seen)
    }

    /// Names the tiled slides that have nothing to predict on.
    func noteMissing(_ known: Set<SlideID>, _ progress: ProgressSink) throws {
        guard features == nil, !known.isEmpty else { return }
        let tiled = try Stage.outcomes(stage: StageName.tile, in: layout).filter { $0.status != .empty }.map(\.slide)
        let missing = tiled.filter { !known.contains($0) }.map(\.text)
        if !missing.isEmpty {
            progress(
                .note("predict: \(missing.count) slide(s) have no features and are left out: \(missing.shortened)")
            )
        }
    }
}
