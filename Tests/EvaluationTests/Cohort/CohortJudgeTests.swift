import Foundation
import Records
import Testing

@testable import Evaluation

/// Shortcuts that are planted in made cohorts are named, and others are not.
@Suite struct CohortJudgeTests {
    /// 40 cases of two classes with one or two slides of 32 features, of which every fourth tells the class.
    /// - Parameters:
    ///   - tint: what the second scanner adds to every fourth feature.
    ///   - agreement: how often a case of the second class is of the second scanner, and one of the first of the first.
    private func cohort(_ seed: Int, tint: Double, agreement: Double) throws -> CohortSample {
        var random = CounterRandom(seed: UInt64(seed), "made cohort")
        func normal() -> Double {
            let radius = (-2 * log(max(1e-12, random.uniform()))).squareRoot()
            return radius * cos(2 * .pi * random.uniform())
        }
        var sample = CohortSample(slides: [], cases: [], label: nil, features: [], columns: [], facts: [])
        var (labels, scanners, dates): ([Int?], [Int?], [Double?]) = ([], [], [])
        var areas: [[Double]?] = []
        for number in 0..<40 {
            let label = number % 2
            let scanner = random.uniform() < agreement ? label : 1 - label
            let date = 100 * random.uniform()
            for slide in 0...(number / 2 % 2) {
                sample.slides.append(try SlideID("s\(number)_\(slide)"))
                sample.cases.append("c\(number)")
                labels.append(label)
                scanners.append(scanner)
                dates.append(date)
                areas.append([normal()])
                sample.features.append(
                    (0..<32).map { place in
                        let told = place % 4 == 0 ? 0.8 * Double(label) : 0
                        let tinted = place % 4 == 1 ? tint * Double(scanner) : 0
                        return normal() + told + tinted
                    }
                )
            }
        }
        sample.label = CohortColumn("label", .groups(labels, names: ["normal", "tumor"]))
        sample.columns = [
            CohortColumn("scanner", .groups(scanners, names: ["A", "B"])), CohortColumn("date", .numbers(dates)),
        ]
        sample.facts = [CohortSample.Fact("tissue_area", title: "tissue area", areas)]
        return sample
    }

    private func findings(_ seed: Int, tint: Double, agreement: Double) throws -> CohortJudge.Findings {
        CohortJudge(try cohort(seed, tint: tint, agreement: agreement), permutations: 499, seed: 1).findings()
    }

    private func isNamed(_ findings: CohortJudge.Findings) -> Bool {
        findings.columns.contains { $0.verdict == .shortcut } || findings.leaks.contains(where: \.isTold)
    }

    @Test func ofFortyCohortsWithoutAShortcutAtMostTwoAreNamed() throws {
        let named = try (0..<40).count { isNamed(try findings($0, tint: 0, agreement: 0.5)) }
        #expect(named <= 2, "5 % of 40")
    }

    @Test func aScannerThatFeaturesTellAndThatDoesNotGoWithTheLabelIsVisibleAlone() throws {
        let found = try (0..<10).map { try findings($0, tint: 1.5, agreement: 0.5) }
        #expect(found.count { $0.columns[0].verdict == .visible } >= 8)
        #expect(found.count(where: isNamed) <= 1)
    }

    @Test func aTintThatGoesWithTheLabelIsNamed() throws {
        let scanners = try (0..<5).map { try findings($0, tint: 2, agreement: 0.9).columns[0] }
        #expect(scanners.allSatisfy { $0.verdict == .shortcut }, "\(scanners)")
        #expect(scanners.count { $0.within != nil } >= 2, "where both scanners have cases of a class")
    }

    @Test func aScannerThatIsTheLabelInOtherWordsIsNamedThoughNothingTellsThemApart() throws {
        let scanner = try findings(3, tint: 2, agreement: 1).columns[0]
        #expect(scanner.verdict == .shortcut && scanner.within == nil && scanner.reason != nil)
    }

    @Test func aColumnThatFeaturesTellThroughTheLabelIsNotNamed() throws {
        var sample = try cohort(4, tint: 0, agreement: 0.85)
        // A strong label: what goes with it is told by it.
        guard case .groups(let labels, _)? = sample.label?.values else { return }
        for row in sample.features.indices { sample.features[row][0] += 6 * Double(labels[row] ?? 0) }
        let scanner = CohortJudge(sample, permutations: 499, seed: 1).findings().columns[0]
        #expect(scanner.verdict == .throughLabel, "\(scanner)")
    }

    @Test func theSameCohortGivesTheSameNumbers() throws {
        let (one, other) = (try findings(1, tint: 1, agreement: 0.7), try findings(1, tint: 1, agreement: 0.7))
        #expect(one.columns == other.columns && one.leaks == other.leaks)
    }

    @Test func anAreaThatGoesWithTheLabelIsALeak() throws {
        var sample = try cohort(4, tint: 0, agreement: 0.5)
        guard case .groups(let labels, _)? = sample.label?.values else { return }
        for row in labels.indices { sample.facts[0].values[row]?[0] += 3 * Double(labels[row] ?? 0) }
        let leak = CohortJudge(sample, permutations: 499, seed: 1).findings().leaks[0]
        #expect(leak.isTold && (leak.test?.value ?? 0) > 0.9)
    }

    @Test func aColumnOfFewCasesIsNotTested() throws {
        var sample = try cohort(1, tint: 0, agreement: 0.5)
        let values = sample.slides.indices.map { $0 < 9 ? Double($0) : nil }
        sample.columns = [CohortColumn("rare", .numbers(values))]
        let found = CohortJudge(sample, permutations: 99, seed: 1).findings().columns[0]
        #expect(found.features == nil && found.verdict == .unseen && found.reason != nil)
    }

    /// The label of some cases alone; nil of the others.
    private func knowing(_ sample: CohortSample, _ isKnown: (_ number: Int, _ label: Int) -> Bool) throws
        -> CohortSample
    {
        var sample = sample
        guard case .groups(let labels, let names)? = sample.label?.values else { return sample }
        let known = try labels.indices.map { row -> Int? in
            let (number, label) = (try #require(Int(sample.cases[row].dropFirst())), labels[row] ?? 0)
            return isKnown(number, label) ? label : nil
        }
        sample.label = CohortColumn("label", .groups(known, names: names))
        return sample
    }

    @Test func slidesOfUnknownLabelAreNoClass() throws {
        // Scanner and label are the same, also of those cases whose label is then not known.
        let sample = try knowing(try cohort(3, tint: 2, agreement: 1)) { number, _ in number % 4 < 2 }
        let scanner = CohortJudge(sample, permutations: 499, seed: 1).findings().columns[0]
        #expect(scanner.within == nil && scanner.isInseparable && scanner.verdict == .shortcut, "\(scanner)")
        var numbers = sample
        numbers.label = CohortColumn("age", .numbers([nil, 4, 1, 3, nil, 2]))
        #expect(numbers.strata == [nil, 3, 0, 2, nil, 1], "quarters of those that are known")
    }

    @Test func oneClassOfFiveCasesIsEnoughToLookWithin() throws {
        let sample = try knowing(try cohort(3, tint: 2, agreement: 0.6)) { number, label in label == 0 || number < 8 }
        let scanner = CohortJudge(sample, permutations: 499, seed: 1).findings().columns[0]
        #expect((scanner.within?.value ?? 0) > 0.7 && !scanner.isInseparable, "\(scanner)")
    }

    @Test func aColumnThatWasNotLookedAtWithinClassesIsNoShortcut() throws {
        var sample = try cohort(3, tint: 2, agreement: 1)
        // Ten classes of four cases; the even ones are of one scanner.
        let labels = try sample.cases.map { try #require(Int($0.dropFirst())) % 10 }
        sample.label = CohortColumn("label", .groups(labels, names: (0..<10).map { "class \($0)" }))
        let scanner = CohortJudge(sample, permutations: 499, seed: 1).findings().columns[0]
        #expect(scanner.verdict == .throughLabel && scanner.within == nil, "\(scanner)")
        #expect(scanner.reason?.contains("no class has five cases") == true)
    }

    @Test func whereTheLabelIsANumberLeaksAreRankCorrelations() throws {
        var sample = try cohort(4, tint: 0, agreement: 0.5)
        func head(_ sample: CohortSample) -> [String] {
            var report = CohortReport(name: "m", slides: 60, cases: 40, width: 32)
            report.take(CohortJudge(sample, permutations: 99, seed: 1).findings())
            #expect(report.leaks.allSatisfy { $0.isNumber == sample.label?.isNumber })
            return CohortWords(report).leakHead
        }
        #expect(head(sample)[2] == "AUC of the label")
        sample.label = CohortColumn("age", .numbers(sample.slides.indices.map { Double($0 * 7 % 31) }))
        #expect(head(sample)[2] == "rank correlation with the label")
    }
}
