import Foundation

/// Cox's partial likelihood with Efron's approximation for ties (JASA 72, 1977).
struct CoxLikelihood {
    /// ℓ(β), its gradient and the information −∂²ℓ.
    struct Terms {
        var value = 0.0
        var gradient: [Double]
        var information: [[Double]]
    }

    /// Sums over rows of e^η, e^η·x and e^η·x·xᵀ.
    private struct Sums {
        var zeroth = 0.0
        var first: [Double]
        var second: [[Double]]

        init(_ width: Int) {
            first = [Double](repeating: 0, count: width)
            second = [[Double]](repeating: first, count: width)
        }

        mutating func add(_ row: [Double], _ mass: Double) {
            zeroth += mass
            for one in row.indices {
                let part = mass * row[one]
                first[one] += part
                for other in 0...one { second[one][other] += part * row[other] }
            }
        }
    }

    private let followUp: FollowUp
    private let covariates: [[Double]]
    private let weights: [Int]

    init(_ followUp: FollowUp, _ covariates: [[Double]], _ weights: [Int]) {
        (self.followUp, self.covariates, self.weights) = (followUp, covariates, weights)
    }

    /// From the last time to the first, so that those at risk are only ever added to.
    func terms(_ beta: [Double]) -> Terms {
        let width = beta.count
        let scores = covariates.map { row in zip(row, beta).reduce(0) { $0 + $1.0 * $1.1 } }
        // Only ratios of e^η count: the largest is 1, so that none overflows.
        let top = scores.max() ?? 0
        var terms = Terms(gradient: Sums(width).first, information: Sums(width).second)
        var atRisk = Sums(width)
        for here in followUp.rows.reversed() {
            var dying = Sums(width)
            var deaths = 0
            for row in here where weights[row] > 0 {
                let (weight, mass) = (Double(weights[row]), Double(weights[row]) * exp(scores[row] - top))
                atRisk.add(covariates[row], mass)
                guard followUp.events[row] else { continue }
                dying.add(covariates[row], mass)
                deaths += weights[row]
                terms.value += weight * (scores[row] - top)
                for index in 0..<width { terms.gradient[index] += weight * covariates[row][index] }
            }
            // Of tied events, the next one sees what is left of them on average.
            for event in 0..<deaths { subtract(atRisk, dying, Double(event) / Double(deaths), &terms) }
        }
        for one in 0..<width { for other in 0..<one { terms.information[other][one] = terms.information[one][other] } }
        return terms
    }

    private func subtract(_ atRisk: Sums, _ dying: Sums, _ share: Double, _ terms: inout Terms) {
        let total = atRisk.zeroth - share * dying.zeroth
        terms.value -= log(total)
        let mean = zip(atRisk.first, dying.first).map { ($0 - share * $1) / total }
        for one in mean.indices {
            terms.gradient[one] -= mean[one]
            for other in 0...one {
                let second = (atRisk.second[one][other] - share * dying.second[one][other]) / total
                terms.information[one][other] += second - mean[one] * mean[other]
            }
        }
    }
}
