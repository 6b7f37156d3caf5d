import Config
import Evaluation
import Messages
import Records
import Storage

/// What one look at every bag of a fold's split tells.
struct FoldSurvey {
    private(set) var train: [CohortSlide] = []
    private(set) var validation: [CohortSlide] = []
    private(set) var test: [CohortSlide] = []
    private(set) var empty: [SlideID] = []
    private(set) var width = 0
    /// Of the training part; nil where it was not measured.
    private(set) var standardiser: Standardiser?
    /// Of each bag.
    private(set) var means: [SlideID: [Double]] = [:]

    /// Checks every bag before the first step, drops the empty ones and measures the training part.
    /// - Parameter isMeasured: whether features may be standardised.
    init(_ request: TrainRequest, _ source: any BagSource, measured isMeasured: Bool) throws {
        let labels = Dictionary(request.cohort.slides.map { ($0.slide, $0) }, uniquingKeysWith: { first, _ in first })
        var moments = FeatureMoments()
        func usable(_ slides: [SlideID], measured: Bool = false) throws -> [CohortSlide] {
            try slides.sorted().compactMap { slide in
                let bag = try source.bag(slide).checked(width: width == 0 ? nil : width)
                guard bag.count > 0, let labelled = labels[slide] else {
                    empty.append(slide)
                    return nil
                }
                width = bag.width
                means[slide] = bag.meanFeatures
                if measured { moments.add(bag) }
                return labelled
            }
        }
        train = try usable(request.split.train, measured: isMeasured)
        validation = try usable(request.split.validation)
        test = try usable(request.split.test)
        empty.sort()
        standardiser = isMeasured ? moments.standardiser() : nil
        for need in request.cohort.needs where !train.contains(where: { need.isMet($0.target) }) {
            let of = request.cohort.targets == nil && [.class, .ordinal].contains(request.cohort.kind) ? "of" : "with"
            throw MILError.untrainable(
                reason: "no training slide \(of) \(need.name) has features; use fewer folds"
            )
        }
    }
}
