import Config
import Evaluation
import Records
import Torch

/// Cox's partial likelihood (Cox, 1972): a step for each set of bags.
extension TrainingLoop {
    /// One pass over the training bags; the mean of each loss term over the sets.
    ///
    /// Every bag of a set passes twice, with the same draws: once to tell its risks without a graph, and once to learn by what all
    /// of them say, so that never more than one bag's graph is held. A set without an event has no likelihood and makes no step.
    func compare(_ model: any MILModel, _ optimiser: Adam, epoch: Int) throws -> [EpochRecord.Term] {
        let order = order(epoch)
        // As many as are needed, of about one size: of a single bag nothing is learned.
        let count = max(1, (order.count + riskSet - 1) / riskSet)
        let sets = (0..<count).map { Array(order.count * $0 / count..<order.count * ($0 + 1) / count) }
        bags.expect(sets.flatMap { $0 + $0 }.map { training[order[$0]].slide })
        var sums: [EpochRecord.Term] = []
        var steps = 0.0
        for set in sets {
            let (first, slides) = (set[0], set.map { training[order[$0]] })
            optimiser.learningRate = recipe.learningRate(at: Double(epoch) + Double(first) / Double(order.count))
            optimiser.dropGrads()
            let turns = slides.map { _ in RiskTurn() }
            let passes = Array(zip(set, zip(slides, turns)))
            try withoutGrad {
                for (place, (slide, turn)) in passes {
                    var moment = moment(epoch, place, of: order.count)
                    moment.isRehearsal = true
                    _ = try model.trainingLoss(try bags.features(slide.slide), target: .risk(turn), moment)
                }
            }
            if let place = turns.firstIndex(where: { !$0.heard.joined().allSatisfy(\.isFinite) }) {
                throw MILError.diverged(fold: fold, epoch: epoch, slide: slides[place].slide.text)
            }
            guard let losses = CoxLoss.turns(turns.map(\.heard), times: slides.compactMap(\.target.survival)) else {
                continue
            }
            for (index, (place, (slide, turn))) in passes.enumerated() {
                turn.begin(losses[index])
                let moment = moment(epoch, place, of: order.count)
                let loss = try model.trainingLoss(try bags.features(slide.slide), target: .risk(turn), moment)
                try (loss.total / Double(set.count)).backward()
                let terms = try ([("total", loss.total)] + loss.terms).map {
                    EpochRecord.Term(name: $0, value: Double(try $1.item()) / Double(set.count))
                }
                guard terms[0].value.isFinite else {
                    throw MILError.diverged(fold: fold, epoch: epoch, slide: slide.slide.text)
                }
                if sums.isEmpty { sums = terms.map { EpochRecord.Term(name: $0.name, value: 0) } }
                for term in sums.indices { sums[term].value += terms[term].value }
            }
            steps += 1
            try optimiser.step()
            try model.finish(moment(epoch, set[set.count - 1], of: order.count))
        }
        guard steps > 0 else {
            throw MILError.unusable(
                subject: "fold \(fold)",
                reason: "no set of \(riskSet) training bags has an event; set training.risk_set higher"
            )
        }
        return sums.map { EpochRecord.Term(name: $0.name, value: $0.value / steps) }
    }

    private func moment(_ epoch: Int, _ place: Int, of count: Int) -> TrainingStep {
        TrainingStep(
            draws: CounterDraws(seed: seed, fold: fold, epoch: epoch, step: place),
            progress: Double(epoch * count + place) / Double(recipe.epochs * count)
        )
    }
}
