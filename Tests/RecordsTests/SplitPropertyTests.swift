import TestSupport
import Testing

@testable import Records

/// What holds of every split of every cohort.
@Suite struct SplitPropertyTests {
    /// Cases of one to four slides; some have slides of several classes.
    private func slides(_ random: inout CounterRandom, classes: Int) throws -> [CohortSlide] {
        var slides: [CohortSlide] = []
        func add(_ name: String, _ labels: [Int]) throws {
            for (index, label) in labels.enumerated() {
                slides.append(CohortSlide(slide: try SlideID("\(name)-\(index)"), caseID: name, target: .class(label)))
            }
        }
        for label in 0..<classes {
            for index in 0..<8 + random.index(below: 12) {
                try add("c\(label)-\(index)", Array(repeating: label, count: 1 + random.index(below: 4)))
            }
        }
        for index in 0..<random.index(below: 6) {
            try add("m-\(index)", (0..<2 + random.index(below: 3)).map { _ in random.index(below: classes) })
        }
        return slides.reordered(&random)
    }

    private func cohort(_ slides: [CohortSlide]) -> Cohort {
        Cohort(classes: (0...(slides.compactMap(\.target.label).max() ?? 0)).map { "class \($0)" }, slides: slides)
    }

    /// All ways to cut a cohort.
    private func cuts(_ cohort: Cohort, _ random: inout CounterRandom) throws -> [[Split]] {
        let (folds, seed) = (2 + random.index(below: 3), random.next())
        var sites: [String: String] = [:]
        for name in cohort.cases.keys.sorted() { sites[name] = "site \(random.index(below: 3))" }
        return [
            try Splits.folds(folds, of: cohort, validationFraction: 0.2, seed: seed),
            try Splits.monteCarlo(folds, of: cohort, testFraction: 0.3, validationFraction: 0.2, seed: seed),
            try Splits.bySite(sites, of: cohort, validationFraction: 0.2, seed: seed),
        ]
    }

    @Test(arguments: seeds(40)) func noCaseIsCutAndNoSlideIsLost(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "cases")
        let cohort = try cohort(slides(&random, classes: 2 + random.index(below: 2)))
        let caseOf = Dictionary(uniqueKeysWithValues: cohort.slides.map { ($0.slide, $0.caseID) })
        for splits in try cuts(cohort, &random) {
            for split in splits {
                let parts = [split.train, split.validation, split.test]
                #expect(parts.joined().sorted() == cohort.slides.map(\.slide))
                let cases = parts.map { Set($0.compactMap { caseOf[$0] }) }
                #expect(cases.map(\.count).reduce(0, +) == Set(caseOf.values).count)
                #expect(cases.allSatisfy { !$0.isEmpty })
            }
        }
    }

    @Test(arguments: seeds(20)) func whatIsSetAsideIsOfWholeCasesOfTheTrainingPartAlone(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "aside")
        let cohort = try cohort(slides(&random, classes: 2))
        let slideOf = Dictionary(uniqueKeysWithValues: cohort.slides.map { ($0.slide, $0) })
        for split in try cuts(cohort, &random).joined() {
            let cut = try Splits.settingAside(0.3, of: split, in: cohort)
            #expect((cut.rest.train + cut.aside).sorted() == split.train.sorted() && !cut.aside.isEmpty)
            #expect(cut.rest.validation == split.validation && cut.rest.test == split.test)
            let (kept, aside) = (cut.rest.train.compactMap { slideOf[$0] }, cut.aside.compactMap { slideOf[$0] })
            #expect(Set(kept.map(\.caseID)).isDisjoint(with: aside.map(\.caseID)))
            let needs = cohort.needs.filter { need in (kept + aside).contains { need.isMet($0.target) } }
            #expect(needs.allSatisfy { need in kept.contains { need.isMet($0.target) } })
            let share = Double(Set(aside.map(\.caseID)).count) / Double(Set((kept + aside).map(\.caseID)).count)
            #expect(share > 0.1 && share <= 0.5)
            #expect(try Splits.settingAside(0.3, of: split, in: cohort).aside == cut.aside)
        }
    }

    @Test(arguments: seeds(40)) func theOrderOfSlidesPlaysNoPart(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "slides")
        let slides = try slides(&random, classes: 2 + random.index(below: 2))
        let other = slides.reordered(&random)
        let (draws, folds) = (random, 2 + random.index(below: 3))
        var (one, two) = (draws, draws)
        #expect(try cuts(cohort(slides), &one) == cuts(cohort(other), &two))
        // Of the list as it comes, too.
        #expect(Strata(slides).dealt(to: folds, seed: seed) == Strata(other).dealt(to: folds, seed: seed))
        #expect(Strata(slides).drawn(0.3, seed: seed, "part", 1) == Strata(other).drawn(0.3, seed: seed, "part", 1))
    }

    @Test(arguments: seeds(20)) func theOrderOfFoldsAndOfTheirSlidesPlaysNoPartInTheCheck(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "folds")
        let cohort = try cohort(slides(&random, classes: 2))
        var splits = try Splits.folds(4, of: cohort, seed: seed).reordered(&random)
        for index in splits.indices {
            splits[index].train = splits[index].train.reordered(&random)
            splits[index].test = splits[index].test.reordered(&random)
        }
        try Splits.check(splits, of: cohort)
        // A slide of a case that a fold tests is moved to where the fold learns.
        let torn = try #require(cohort.cases.filter { $0.value.count > 1 }.min { $0.key < $1.key }).value[0].slide
        let place = try #require(splits.firstIndex { $0.test.contains(torn) })
        splits[place].test.removeAll { $0 == torn }
        splits[place].train.append(torn)
        let error = #expect(throws: Failure.self) { try Splits.check(splits, of: cohort) }
        #expect(error?.code == .leakage)
    }
}
