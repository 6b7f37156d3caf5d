import Config
import Evaluation
import Records
import Torch

/// Cox's partial likelihood (Cox, 1972): a step for each set of bags.
extension TrainingLoop {
    /// One pass over the training bags; the mean of each loss term over the sets.
    ///
    /// Every bag of a set passes twice, with the same draws: once to tell its risks without a graph, and once to learn by what all
    /// of them say, so that never more than one bag's graph is held. A set without an event has no likelihood and makes no step. Of
    /// several targets the others' losses are those of the second pass.
    func compare(
        _ model: any MILModel,
        _ optimiser: Adam,
        _ average: WeightAverage?,
        epoch: Int
    ) throws -> [EpochRecord.Term] {
        let order = order(epoch)
        let sets = sets(of: order.count)
        bags.expect(sets.flatMap { Array($0) + Array($0) }.map { training[order[$0]].slide })
        var sums: [EpochRecord.Term] = []
        var steps = 0.0
        let places = readout.riskPlaces
        for set in sets {
            let slides = set.map { training[order[$0]] }
            optimiser.learningRate = rate(epoch, set, of: order.count)
            optimiser.dropGrads()
            var turns = slides.map { slide in
                let known = places.filter { slide.target.part($0) != nil }
                return Dictionary(uniqueKeysWithValues: known.map { ($0, RiskTurn()) })
            }
            try withoutGrad {
                for (index, place) in set.enumerated() where !turns[index].isEmpty {
                    var moment = moment(epoch, place, of: order.count)
                    moment.isRehearsal = true
                    guard let aim = readout.aim(at: slides[index].target, turns: turns[index])?.risks else { continue }
                    _ = try model.trainingLoss(try features(of: slides[index].slide, moment), target: aim, moment)
                }
            }
            if let index = turns.firstIndex(where: { !$0.values.flatMap(\.heard).joined().allSatisfy(\.isFinite) }) {
                throw MILError.diverged(fold: fold, epoch: epoch, slide: slides[index].slide.text)
            }
            for place in places { Self.begin(place, of: &turns, slides) }
            let aims = zip(slides, turns).map { slide, turns in
                readout.aim(at: slide.target, turns: turns).flatMap { $0.isEmpty ? nil : $0 }
            }
            guard aims.contains(where: { $0 != nil }) else { continue }
            for (index, place) in set.enumerated() {
                guard let aim = aims[index] else { continue }
                let slide = slides[index]
                var moment = moment(epoch, place, of: order.count)
                moment.movesLater = true
                let loss = try model.trainingLoss(try features(of: slide.slide, moment), target: aim, moment)
                try (loss.total / Double(set.count)).backward()
                let terms = try loss.values().map {
                    EpochRecord.Term(name: $0.name, value: $0.value / Double(set.count))
                }
                guard terms[0].value.isFinite else {
                    throw MILError.diverged(fold: fold, epoch: epoch, slide: slide.slide.text)
                }
                if sums.isEmpty { sums = terms.map { EpochRecord.Term(name: $0.name, value: 0) } }
                for term in sums.indices { sums[term].value += terms[term].value }
            }
            steps += 1
            try optimiser.step()
            try average?.add()
            try model.finish(moment(epoch, set.upperBound - 1, of: order.count))
        }
        guard steps > 0 else {
            throw MILError.untrainable(
                reason: "no set of \(riskSet) training bags has an event; set training.risk_set higher"
            )
        }
        return sums.map { EpochRecord.Term(name: $0.name, value: $0.value / steps) }
    }

    /// Ends the first pass of one of Cox's losses; without an event no bag has a turn of it any more.
    private static func begin(_ place: Int, of turns: inout [[Int: RiskTurn]], _ slides: [CohortSlide]) {
        let known = turns.indices.filter { turns[$0][place] != nil }
        let times = known.compactMap { slides[$0].target.part(place)?.survival }
        let losses = CoxLoss.turns(known.compactMap { turns[$0][place]?.heard }, times: times)
        for (number, index) in known.enumerated() {
            if let losses { turns[index][place]?.begin(losses[number]) } else { turns[index][place] = nil }
        }
    }
}
