public import Config
import Foundation
import Messages
public import Records
import Storage

/// `wsi plan`: what `training.plan` `auto` fills in, fold by fold.
public struct StudyPlan: Codable, Equatable, Sendable {
    public struct Fold: Codable, Equatable, Sendable {
        public var fold: Int
        public var plan: TrainingPlan
    }

    /// Of the training.
    public var name: String
    /// Whether the config asks for the plan; else it is what it would be.
    public var isInForce: Bool
    public var folds: [Fold]

    enum CodingKeys: String, CodingKey {
        case name, folds
        case isInForce = "in_force"
    }

    /// Reads the features of every training part.
    /// - Parameter layout: the job whose features are looked at, where the config names no others.
    /// - Throws: `Failure` where there are no features; `BagError` for features that cannot be used.
    public init(of study: Study, layout: JobLayout?, version: String, progress: ProgressSink) throws {
        var config = study.config
        name = config.name
        isInForce = config.training.plan == .auto
        // Each candidate of a search is planned in its turn.
        (config.training.plan, config.search) = (.auto, nil)
        let material = try Self.material(of: study, layout)
        // Nothing is written there.
        let runs = SeedRun.all(of: config, in: layout ?? JobLayout(root: study.folder))
        folds = []
        guard let run = runs.first else { return }
        progress(.began(stage: "plan", units: material.splits.count, done: 0))
        for split in material.splits {
            let fingerprint = try material.fingerprint(of: split, run.config, comparing: nil)
            let request = try material.request(run, split, fingerprint, comparing: nil, version)
                .followingProtocol().settingAside().rest
            let bags = FeatureFileBags(request.features, parts: request.parts)
            guard let facts = try request.planFacts({ try bags.bag($0).checked(width: $1) }) else {
                throw Failure(
                    .training,
                    "fold \(split.fold)",
                    "no slide of the training part has a patch; nothing can be planned"
                )
            }
            folds.append(Fold(fold: split.fold, plan: request.plan(of: facts).plan))
            progress(.finished(unit: "fold \(split.fold)", failure: nil))
        }
    }

    private static func material(of study: Study, _ layout: JobLayout?) throws -> TrainingMaterial {
        var (features, encoder): (Features, EncoderIdentity)
        if let foreign = study.features {
            (features, encoder) = (foreign, foreign.identity)
        } else {
            guard let layout else {
                throw Failure(
                    .usage,
                    nil,
                    "the config names no features that are there; name the job that has made them with --out"
                )
            }
            encoder = try study.encoder().identity
            features = try Features.read(layout, encoder: encoder.name)
            try features.check(study.cohort.slides.map(\.slide))
        }
        let slides = study.cohort.slides.filter { features.files[$0.slide] != nil }
        guard !slides.isEmpty else {
            throw Failure(.notFound, layout?.root.path, "no slide of the cohort has features; run wsi features first")
        }
        let kept = Set(slides.map(\.slide))
        return TrainingMaterial(
            cohort: Cohort(classes: study.cohort.classes, slides: slides),
            splits: study.splits.map { $0.keeping(kept) },
            features: features,
            encoder: encoder,
            facts: features.facts ?? PatchFacts()
        )
    }
}
