import Foundation
import Records
import Testing

/// `cases` cases per class, case i with 1 + i % 3 slides.
private func cohort(_ cases: [Int]) throws -> Cohort {
    var slides: [CohortSlide] = []
    for (label, count) in cases.enumerated() {
        for index in 0..<count {
            for part in 0...(index % 3) {
                let slide = try SlideID("c\(label)-\(index)-\(part)")
                slides.append(CohortSlide(slide: slide, caseID: "c\(label)-\(index)", target: .class(label)))
            }
        }
    }
    return Cohort(classes: cases.indices.map { "class\($0)" }, slides: slides)
}

private func cases(_ slides: [SlideID], _ cohort: Cohort) -> Set<String> {
    Set(cohort.slides.filter { slides.contains($0.slide) }.map(\.caseID))
}

@Suite struct SplitsTests {
    @Test func everySlideIsTestedOnceAndNoCaseStandsOnTwoSides() throws {
        let cohort = try cohort([20, 13])
        let splits = try Splits.folds(4, of: cohort, seed: 7)
        #expect(splits.map(\.fold) == [0, 1, 2, 3])
        #expect(splits.flatMap(\.test).sorted() == cohort.slides.map(\.slide))
        for split in splits {
            let sides = [split.train, split.validation, split.test].map { cases($0, cohort) }
            #expect(sides[0].isDisjoint(with: sides[1]) && sides[0].isDisjoint(with: sides[2]))
            #expect(sides[1].isDisjoint(with: sides[2]))
            #expect(sides.map(\.count).reduce(0, +) == 33)
        }
        try Splits.check(splits, of: cohort)
    }

    @Test func everyFoldHasItsShareOfEveryClass() throws {
        let cohort = try cohort([20, 13])
        for split in try Splits.folds(4, of: cohort, seed: 7) {
            let tested = cases(split.test, cohort)
            #expect(tested.count { $0.hasPrefix("c0") } == 5)
            #expect((3...4).contains(tested.count { $0.hasPrefix("c1") }))
            #expect((8...9).contains(tested.count))
            let validated = cases(split.validation, cohort)
            #expect(validated.count { $0.hasPrefix("c0") } == 2)
            #expect((1...2).contains(validated.count { $0.hasPrefix("c1") }))
        }
    }

    @Test func equalSeedsGiveEqualFoldsAndOtherSeedsOthers() throws {
        let cohort = try cohort([12, 12])
        let first = try Splits.folds(3, of: cohort, seed: 1)
        #expect(try Splits.folds(3, of: cohort, seed: 1) == first)
        #expect(try Splits.folds(3, of: cohort, seed: 2) != first)
        // The order in which slides are listed plays no part.
        let shuffled = Cohort(classes: cohort.classes, slides: cohort.slides.reversed())
        #expect(try Splits.folds(3, of: shuffled, seed: 1) == first)
    }

    @Test func aClassWithFewerCasesThanFoldsNamesTheLargestNumberOfFolds() throws {
        let cohort = try cohort([9, 3])
        let failure = try #require(throws: Failure.self) { try Splits.folds(5, of: cohort, seed: 0) }
        #expect(failure.code == .usage)
        #expect(failure.message == "class class1 has 3 cases, fewer than 5 folds; use at most 3 folds")
        #expect(try Splits.folds(3, of: cohort, seed: 0).count == 3)
        #expect(throws: Failure.self) { try Splits.folds(1, of: cohort, seed: 0) }
    }

    @Test func aCaseWithSlidesOfBothClassesCountsForEachOfThem() throws {
        var slides = try cohort([4, 3]).slides
        // Case c0-1 gets a positive slide: with it every fold of 4 has a positive case.
        slides.append(CohortSlide(slide: try SlideID("c0-1-x"), caseID: "c0-1", target: .class(1)))
        slides += try cohort([6]).slides.filter { $0.caseID >= "c0-4" }
        let cohort = Cohort(classes: ["class0", "class1"], slides: slides)
        for split in try Splits.folds(4, of: cohort, seed: 3) {
            #expect(!cases(split.test, cohort).isDisjoint(with: ["c0-1", "c1-0", "c1-1", "c1-2"]))
        }
    }

    @Test func monteCarloTestsAShareOfEveryClassDrawnAnew() throws {
        let cohort = try cohort([20, 10])
        func draw(_ seed: UInt64) throws -> [Split] {
            try Splits.monteCarlo(4, of: cohort, testFraction: 0.3, validationFraction: 0.15, seed: seed)
        }
        let splits = try draw(1)
        #expect(splits.map(\.fold) == [0, 1, 2, 3])
        for split in splits {
            let tested = cases(split.test, cohort)
            #expect(tested.count { $0.hasPrefix("c0") } == 6 && tested.count { $0.hasPrefix("c1") } == 3)
            #expect((split.train + split.validation + split.test).sorted() == cohort.slides.map(\.slide))
        }
        #expect(Set(splits.map(\.test)).count == 4)
        #expect(try draw(1) == splits && draw(2) != splits)
        try Splits.check(splits, of: cohort, repeats: true)
        #expect(throws: Failure.self) { try Splits.check(splits, of: cohort) }
    }

    @Test func aClassOfOneCaseCannotBeDrawnFrom() throws {
        let cohort = try cohort([3, 1])
        let failure = try #require(throws: Failure.self) {
            try Splits.monteCarlo(2, of: cohort, testFraction: 0.2, validationFraction: 0.15, seed: 0)
        }
        #expect(failure.message.hasPrefix("class class1 has 1 case;"))
    }

    @Test func everySiteIsTestedByAModelThatHasSeenNoneOfIt() throws {
        let cohort = try cohort([6, 6])
        let sites = Dictionary(
            uniqueKeysWithValues: Set(cohort.slides.map(\.caseID)).map {
                ($0, "14".contains($0.last ?? "0") ? "b" : "a")
            }
        )
        let splits = try Splits.bySite(sites, of: cohort, validationFraction: 0.2, seed: 0)
        #expect(splits.map { cases($0.test, cohort).count } == [8, 4])
        #expect(cases(splits[1].test, cohort) == ["c0-1", "c0-4", "c1-1", "c1-4"])
        #expect(splits.flatMap(\.test).sorted() == cohort.slides.map(\.slide))
        #expect(splits.allSatisfy { !$0.validation.isEmpty })
        try Splits.check(splits, of: cohort)
        #expect(throws: Failure.self) {
            try Splits.bySite(sites.mapValues { _ in "a" }, of: cohort, validationFraction: 0.2, seed: 0)
        }
    }

    @Test func aCohortByCaseHasOneEntryPerCase() throws {
        let cohort = try cohort([3, 1]).byCase()
        #expect(cohort.unit == .case)
        #expect(cohort.slides.map(\.slide.text) == ["c0-0", "c0-1", "c0-2", "c1-0"])
        #expect(cohort.slides.map(\.caseID) == cohort.slides.map(\.slide.text))
        #expect(cohort.slides.map(\.target.label) == [0, 0, 0, 1])
        let unsafe = Cohort(
            classes: [],
            slides: [CohortSlide(slide: try SlideID("a"), caseID: "../p", target: .class(0))]
        )
        #expect(throws: Failure.self) { try unsafe.byCase() }
    }

    @Test func aSplitWithoutValidationGetsOneFromItsTrainingCases() throws {
        let cohort = try cohort([8, 8])
        let test = cohort.slides.filter { ["c0-0", "c1-0"].contains($0.caseID) }.map(\.slide)
        let train = cohort.slides.map(\.slide).filter { !test.contains($0) }
        let split = Split(fold: 2, train: train, validation: [], test: test)
        let cut = try Splits.carvingValidation(from: split, of: cohort, seed: 5)
        #expect(cases(cut.validation, cohort).count == 2)
        #expect((cut.train + cut.validation).sorted() == train && cut.test == test && cut.fold == 2)
        try Splits.check([cut], of: cohort)
    }

    @Test func aClassWithOneTrainingCaseKeepsItForTraining() throws {
        let cohort = try cohort([5, 1])
        let split = Split(fold: 0, train: cohort.slides.map(\.slide), validation: [], test: [])
        let cut = try Splits.carvingValidation(from: split, of: cohort, fraction: 0.5, seed: 5)
        #expect(cases(cut.train, cohort).contains("c1-0"))
        #expect(cases(cut.validation, cohort).count == 3)
    }

    @Test func aCaseOnTwoSidesIsLeakage() throws {
        let cohort = try cohort([3, 3])
        let slides = cohort.slides.map(\.slide)
        let apart = slides.filter { $0.text == "c0-1-0" }
        let split = Split(fold: 0, train: slides.filter { !apart.contains($0) }, validation: [], test: apart)
        let failure = try #require(throws: Failure.self) { try Splits.check([split], of: cohort) }
        #expect(failure.code == .leakage && failure.code.exitStatus == .refused)
        #expect(failure.subject == "c0-1")
    }

    @Test func otherFaultsOfASplitAreUsageErrors() throws {
        let cohort = try cohort([2, 2])
        let (first, second) = (try SlideID("c0-0-0"), try SlideID("c1-0-0"))
        func code(_ splits: [Split]) throws -> String {
            try #require(throws: Failure.self) { try Splits.check(splits, of: cohort) }.message
        }
        let stranger = Split(fold: 0, train: [first], validation: [], test: [try SlideID("other")])
        #expect(try code([stranger]).contains("no label"))
        #expect(try code([Split(fold: 0, train: [first, first], validation: [], test: [second])]).contains("twice"))
        #expect(try code([Split(fold: 0, train: [first], validation: [], test: [])]).contains("test part is empty"))
        let split = Split(fold: 0, train: [first], validation: [], test: [second])
        var again = split
        again.fold = 1
        #expect(try code([split, again]).contains("tested in fold 0 and in fold 1"))
    }
}
