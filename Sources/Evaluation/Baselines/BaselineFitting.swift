import Foundation
import Records

/// Fits the baselines of one fold: every choice by the validation part's loss, all else by the training part.
struct BaselineFitting {
    private let target: BaselineTarget
    private let targets: [Target]
    private let validation: [Target]
    private let scaling: FeatureScaling
    private let rows: DenseRows
    private let validationRows: DenseRows

    init(target: BaselineTarget, training: [MeanBag], validation: [MeanBag]) {
        self.target = target
        let training = training.filter { target.isKnown($0.slide.target) }
        let validation = validation.filter { target.isKnown($0.slide.target) }
        targets = training.map(\.slide.target)
        self.validation = validation.map(\.slide.target)
        let all = training.map(\.features)
        scaling = FeatureScaling(all)
        rows = scaling(all)
        validationRows = scaling(validation.map(\.features))
    }

    /// With its answers to the bags.
    func fit(_ baseline: Baseline, to bags: [MeanBag]) -> FoldBaselines.Fit {
        let asked = scaling(bags.map(\.features))
        switch baseline {
        case .nearest: return nearest(bags, asked)
        case .linear:
            // Of fewer rows than columns their products say all.
            let isWide = rows.count < rows.width
            let map = { isWide ? KernelRows(rows, most: rows.width).map(.linear) : { $0 } }
            return regression(.linear, [(nil, map)], bags, asked)
        case .kernel:
            let kernel = KernelRows(rows)
            guard kernel.medianDistance > 0 else {
                return FoldBaselines.Fit(.kernel, reason: "all training bags have the same mean features")
            }
            let maps = Baseline.widths.map { width in
                (Optional(width), { kernel.map(.gaussian(width: width * kernel.medianDistance)) })
            }
            return regression(.kernel, maps, bags, asked)
        }
    }

    private typealias Map = (DenseRows) -> DenseRows

    private struct Candidate {
        var penalty: Double
        var width: Double?
        var fit: PenalisedFit
        var map: Map
        /// Of the validation part.
        var loss: Double
    }

    private func regression(
        _ baseline: Baseline,
        _ maps: [(width: Double?, map: () -> Map)],
        _ bags: [MeanBag],
        _ asked: DenseRows
    ) -> FoldBaselines.Fit {
        guard let loss = target.loss(targets) else {
            return FoldBaselines.Fit(baseline, reason: "the training part has nothing to learn from")
        }
        let judge = target.loss(validation)
        var best: Candidate?
        for (width, makeMap) in maps {
            let map = makeMap()
            let (own, seen) = (map(rows), map(validationRows))
            var fit: PenalisedFit?
            var (last, worse) = (Double.infinity, 0)
            for penalty in Baseline.penalties {
                let next = Self.fitted(own, loss, penalty, fit)
                fit = next
                // Without a judge the usual values are taken.
                let isUsual = penalty == Baseline.usual.penalty && width ?? Baseline.usual.width == Baseline.usual.width
                let value = judge?.value(next(seen)) ?? (isUsual ? 0 : .infinity)
                // With a judge: weaker penalties only do worse, and cost the most.
                worse = value > last ? worse + 1 : 0
                last = value
                if judge != nil, worse == 2 { break }
                if value.isFinite, value < best?.loss ?? .infinity {
                    best = Candidate(penalty: penalty, width: width, fit: next, map: map, loss: value)
                }
            }
        }
        guard let best else { return FoldBaselines.Fit(baseline, reason: "no penalty gives finite numbers") }
        let scores = best.fit(best.map(asked))
        let survival = survival(best.fit(best.map(validationRows)).first ?? [])
        var made = FoldBaselines.Fit(
            baseline,
            penalty: best.penalty,
            width: best.width,
            reason: judge == nil ? "the validation part cannot choose a penalty; the usual one is taken" : nil
        )
        for (bag, answer) in zip(bags, target.answers(scores, survival)) { made[bag.slide.slide] = answer }
        return made
    }

    private static func fitted(
        _ rows: DenseRows,
        _ loss: some RowLoss,
        _ penalty: Double,
        _ start: PenalisedFit?
    ) -> PenalisedFit {
        PenalisedFit(rows, loss, penalty: penalty, from: start)
    }

    /// Survival by Breslow's baseline of the validation part, as models of Cox's loss have it; at quartiles of the training part's events.
    private func survival(_ risks: [Double]) -> (Double) -> SurvivalAnswer {
        let known = targets.compactMap(\.survival)
        let watched = validation.compactMap(\.survival)
        guard !risks.isEmpty, risks.count == watched.count,
            let hazard = try? BreslowHazard.fitted(FollowUp(watched), risks: risks).get(),
            let bins = try? TimeBins.fitted(times: known.map(\.time), events: known.map(\.isEvent), asked: 4).get()
        else { return { SurvivalAnswer(risk: $0, times: [], survival: []) } }
        let edges = Array(bins.edges.dropFirst())
        let ends = edges + (edges.last.map { $0 < bins.end } ?? true ? [bins.end] : [])
        let times = ends.filter { hazard.cumulative(at: $0).value != nil }
        return { risk in
            let told = times.compactMap { hazard.survival(at: $0, risk: risk).value }
            let isTold = told.count == times.count
            return SurvivalAnswer(risk: risk, times: isTold ? times : [], survival: isTold ? told : [])
        }
    }

    private func nearest(_ bags: [MeanBag], _ asked: DenseRows) -> FoldBaselines.Fit {
        var made = FoldBaselines.Fit(.nearest)
        let squares = (0..<rows.count).map { DenseRows.dot(rows[$0], rows[$0]) }
        let products = asked.products(with: rows)
        for (row, bag) in bags.enumerated() {
            // Without the square of the bag itself, which is the same for all.
            func far(_ place: Int) -> Double { squares[place] - 2 * products.values[row * rows.count + place] }
            made[bag.slide.slide] = target.answer { isFit in
                var best: (place: Int, distance: Double)?
                for place in targets.indices where isFit(targets[place]) {
                    let distance = far(place)
                    if distance < best?.distance ?? .infinity { best = (place, distance) }
                }
                return best.map { targets[$0.place] }
            }
        }
        return made
    }
}

extension FollowUp {
    fileprivate init(_ times: [SurvivalTime]) {
        self.init(times: times.map(\.time), events: times.map(\.isEvent))
    }
}
