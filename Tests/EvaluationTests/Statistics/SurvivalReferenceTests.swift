import Testing

@testable import Evaluation

/// What scikit-survival and lifelines give, of weighted rows for the sample with each row repeated.
@Suite struct SurvivalReferenceTests {
    @Test func theSampleHasTiesOfEveryKind() throws {
        let sample = try StatisticsSample(weighted: true)
        let counts = sample.test.counts()
        #expect(counts.contains { $0.events > 1 } && counts.contains { $0.events > 0 && $0.censored > 0 })
        #expect(Set(sample.risks).count < sample.risks.count && sample.weights.contains(0))
    }

    @Test(arguments: [false, true]) func survivalIsThatOfLifelines(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        let wanted = try sample.wanted("kaplan_meier")
        let curve = try KaplanMeier.fitted(sample.test, weights: sample.weights).get()
        #expect(matches(try sample.times.map { try curve.survival(at: $0).get() }, try wanted["survival"].numbers))
        let bounds = try sample.times.map { try curve.interval(at: $0, confidence: 0.95).get() }
        #expect(matches(bounds.map(\.lowerBound), try wanted["lower"].numbers))
        #expect(matches(bounds.map(\.upperBound), try wanted["upper"].numbers))
        #expect(try curve.median.get() == wanted["median"].number)
        #expect(try sample.times.map { curve.atRisk(at: $0) } == wanted["at_risk"].integers)
    }

    @Test func theCensoringCurveIsThatOfScikitSurvival() throws {
        let sample = try StatisticsSample(weighted: false)
        let curve = try sample.censoring()
        let found = try (1...46).map { try #require(curve.probability(at: Double($0))) }
        #expect(matches(found, try sample.expected["censoring"].numbers))
        // The last of all is censored, so that G ends at 0.
        #expect(curve.horizon == sample.train.moments.dropLast().last)
        #expect(curve.probability(at: 0) == 1 && curve.probability(at: 47) == 0 && curve.weight(at: 46).value == nil)
    }

    @Test(arguments: [false, true]) func theLogRankTestIsThatOfLifelines(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        for (name, key, degrees) in [("log_rank_two", "fold", 1), ("log_rank_three", "group", 2)] {
            let wanted = try sample.wanted(name).numbers
            let test = try LogRank(sample.test, groups: try sample.data[key].integers).test(sample.weights).get()
            #expect(matches([test.statistic, test.p], wanted) && test.degrees == degrees)
            #expect(abs(test.p / wanted[1] - 1) < 1e-8)
        }
    }

    @Test func chiSquareIsThatOfScipy() throws {
        for entry in try StatisticsSample(weighted: false).expected["chi_square"].rows {
            #expect(abs(ChiSquare.survival(entry[0], degrees: Int(entry[1])) / entry[2] - 1) < 1e-12, "\(entry)")
        }
        #expect(ChiSquare.survival(0, degrees: 3) == 1 && ChiSquare.survival(5000, degrees: 3) == 0)
    }

    @Test(arguments: [false, true]) func coxRegressionIsThatOfLifelines(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        // A row of weight 2 is two rows.
        let places = sample.weights.enumerated().flatMap { [Int](repeating: $0, count: $1) }
        let all = FollowUp(times: places.map { sample.test.times[$0] }, events: places.map { sample.test.events[$0] })
        let rows = try sample.data["x"].rows
        let (x, scale) = standardised(places.map { rows[$0] })
        let loss = CoxLoss(all)
        for (name, penalty) in [("cox", 0), ("cox_ridge", 0.1)] {
            let wanted = try sample.wanted(name)
            // lifelines has the penalty on the mean.
            let fit = PenalisedFit(x, loss, penalty: penalty * Double(x.count))
            #expect(matches(zip(fit.weights[0], scale).map { $0 / $1 }, try wanted["coefficients"].numbers))
            #expect(fit.intercepts == [0])
            if penalty == 0 { #expect(matches(-loss.value(fit(x)), try wanted["log_likelihood"].number)) }
        }
    }

    /// As lifelines has it: with the deviation of a sample.
    private func standardised(_ rows: [[Double]]) -> (DenseRows, scale: [Double]) {
        let count = Double(rows.count)
        let mean = rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } / count }
        let scale = mean.indices.map { column in
            let squares = rows.reduce(0) { $0 + ($1[column] - mean[column]) * ($1[column] - mean[column]) }
            return (squares / (count - 1)).squareRoot()
        }
        let scaled = rows.map { row in mean.indices.map { (row[$0] - mean[$0]) / scale[$0] } }
        return (DenseRows(scaled, width: mean.count), scale)
    }

    @Test(arguments: [false, true]) func theBaselineIsThatOfScikitSurvival(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        let wanted = try sample.wanted("breslow")
        let baseline = try BreslowHazard.fitted(sample.test, risks: sample.risks, weights: sample.weights).get()
        #expect(matches(try sample.times.map { try baseline.cumulative(at: $0).get() }, try wanted["hazard"].numbers))
        for (risk, curve) in zip([-1, 0.5, 2], try wanted["survival"].rows) {
            #expect(matches(try sample.times.map { try baseline.survival(at: $0, risk: risk).get() }, curve))
        }
    }

    @Test(arguments: [false, true]) func concordanceIsThatOfScikitSurvival(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        let (all, folds) = (try sample.censoring(), try sample.foldCensoring())
        let tau = try sample.data["tau"].number
        let (test, risks, fold) = (sample.test, sample.risks, sample.fold)
        let found = [
            ("harrell", Concordance.harrell(test, risks: risks)),
            ("harrell_grouped", Concordance.harrell(test, risks: risks, groups: fold)),
            ("uno", Concordance.uno(test, risks: risks) { _ in all }),
            ("uno_tau", Concordance.uno(test, risks: risks, censoring: { _ in all }, until: tau)),
            ("uno_grouped", Concordance.uno(test, risks: risks, groups: fold, censoring: { folds[$0] }, until: tau)),
        ]
        for (name, concordance) in found {
            #expect(matches(try concordance.value(sample.weights).get(), try sample.wanted(name).number), "\(name)")
        }
    }

    @Test(arguments: [false, true]) func dynamicAreasAreThoseOfScikitSurvival(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        let (all, folds) = (try sample.censoring(), try sample.foldCensoring())
        let areas = try sample.times.map { time in
            try DynamicAUC(sample.test, risks: sample.risks, at: time) { _ in all }.value(sample.weights).get()
        }
        #expect(matches(areas, try sample.wanted("auc").numbers))
        let survival = try KaplanMeier.fitted(sample.test, weights: sample.weights).get()
        #expect(
            matches(try DynamicAUC.mean(areas, at: sample.times, survival).get(), try sample.wanted("auc_mean").number)
        )
        let grouped = try sample.times.map { time in
            try DynamicAUC(sample.test, risks: sample.risks, at: time, groups: sample.fold) { folds[$0] }
                .value(sample.weights).get()
        }
        #expect(matches(grouped, try sample.wanted("auc_grouped").numbers))
    }

    @Test(arguments: [false, true]) func brierScoresAreThoseOfScikitSurvival(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        let (all, folds) = (try sample.censoring(), try sample.foldCensoring())
        let survival = try sample.data["survival"].rows
        let plain = SurvivalBrier(sample.test, survival: survival, at: sample.times) { _ in all }
        let scores = try sample.times.indices.map { try plain.score($0, sample.weights).get() }
        #expect(matches(scores, try sample.wanted("brier").numbers))
        #expect(matches(try plain.integrated(sample.weights).get(), try sample.wanted("brier_integrated").number))
        let grouped = SurvivalBrier(sample.test, survival: survival, at: sample.times, groups: sample.fold) {
            folds[$0]
        }
        let groupedScores = try sample.times.indices.map { try grouped.score($0, sample.weights).get() }
        #expect(matches(groupedScores, try sample.wanted("brier_grouped").numbers))
    }

    @Test(arguments: [false, true]) func calibrationIsTheSurvivalOfEachGroupByLifelines(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        let found = try SurvivalCalibration.groups(
            sample.test,
            survival: try sample.data["survival"].rows.map { $0[2] },
            at: sample.times[2],
            count: 4,
            confidence: 0.95,
            weights: sample.weights
        ).get()
        let wanted = try sample.wanted("calibration").rows
        #expect(found.count == wanted.count)
        for (group, wanted) in zip(found, wanted) {
            let interval = try group.interval.get()
            let numbers = [Double(group.count), group.predicted, try group.observed.get()]
            #expect(matches(numbers + [interval.lowerBound, interval.upperBound], wanted))
        }
    }

    @Test func binsOfTimeAreThoseOfPandas() throws {
        let sample = try StatisticsSample(weighted: false)
        let bins = try TimeBins.fitted(times: sample.train.times, events: sample.train.events, asked: 4).get()
        #expect(matches(bins.edges, try sample.expected["edges"].numbers))
        #expect(try sample.test.times.map { bins.bin(of: $0) } == sample.expected["bins"].integers)
        #expect(bins.shortfall == nil)
    }
}
