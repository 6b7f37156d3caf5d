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
    /// Set aside from the training part.
    private(set) var calibration: [CohortSlide] = []
    private(set) var empty: [SlideID] = []
    private(set) var width = 0
    /// Of the training part; nil where it was not measured.
    private(set) var standardiser: Standardiser?
    /// Of all patches of the training part, one for each feature.
    private(set) var meanFeatures: [Float] = []
    /// Of each bag.
    private(set) var means: [SlideID: [Double]] = [:]

    /// Checks every bag before the first step, drops the empty ones and measures the training part.
    /// - Parameters:
    ///   - aside: slides that are in no part of the request's split.
    ///   - isMeasured: whether features may be standardised.
    init(_ request: TrainRequest, aside: [SlideID], _ source: any BagSource, measured isMeasured: Bool) throws {
        let labels = Dictionary(request.cohort.slides.map { ($0.slide, $0) }, uniquingKeysWith: { first, _ in first })
        var moments = FeatureMoments()
        var (sums, patches): ([Double], Int) = ([], 0)
        func usable(_ slides: [SlideID], ofTraining: Bool = false) throws -> [CohortSlide] {
            try slides.sorted().compactMap { slide in
                let bag = try source.bag(slide).checked(width: width == 0 ? nil : width)
                guard bag.count > 0, let labelled = labels[slide] else {
                    empty.append(slide)
                    return nil
                }
                width = bag.width
                let mean = bag.meanFeatures
                means[slide] = mean
                if ofTraining {
                    if sums.isEmpty { sums = [Double](repeating: 0, count: mean.count) }
                    for (column, value) in mean.enumerated() { sums[column] += value * Double(bag.count) }
                    patches += bag.count
                    if isMeasured { moments.add(bag) }
                }
                return labelled
            }
        }
        train = try usable(request.split.train, ofTraining: true)
        meanFeatures = sums.map { Float($0 / Double(max(1, patches))) }
        validation = try usable(request.split.validation)
        test = try usable(request.split.test)
        calibration = try usable(aside)
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

extension FoldSurvey {
    /// - Parameter request: of the whole fold; what the measure asks of a validation part is the same for all candidates.
    /// - Throws: `MILError.untrainable` where the validation part tells no candidates apart.
    func check(_ measure: Recipe.Selection, of request: TrainRequest) throws {
        if measure.isOfClasses {
            let lacking = request.cohort.needs.first { need in !validation.contains { need.isMet($0.target) } }
            guard let need = lacking else { return }
            throw MILError.untrainable(
                reason: "no validation slide of \(need.name) has features, so no candidates can be compared by "
                    + "\(measure.rawValue); give one, or set search.measure to loss"
            )
        }
        guard try !Readout(request.cohort, fittedOn: train, request.training).hasLoss(of: validation) else { return }
        let lacking = request.lack(of: validation)
        throw MILError.untrainable(
            reason: "no validation slide has \(lacking), so no candidates can be compared by it; give one"
        )
    }
}
