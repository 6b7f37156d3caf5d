import Foundation
import Records
import Testing

@testable import Files

@Suite struct TargetTests {
    private let slides = [("b", "p", 1), ("a", "q", 0), ("c", "p", 0)]

    private func cohort() throws -> Cohort {
        Cohort(
            classes: ["normal", "tumor"],
            slides: try slides.map { CohortSlide(slide: try SlideID($0), caseID: $1, target: .class($2)) }
        )
    }

    /// Fingerprints of trainings are taken over it: with other bytes every training of a job would be out of date.
    @Test func aCohortIsWrittenAsEver() throws {
        let text =
            #"{"classes":["normal","tumor"],"slides":["#
            + #"{"caseID":"q","label":0,"slide":"a"},{"caseID":"p","label":1,"slide":"b"},"#
            + #"{"caseID":"p","label":0,"slide":"c"}],"unit":"slide"}"#
        let line = try CanonicalJSON.line(cohort())
        #expect(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines) == text)
        #expect(try JSONDecoder().decode(Cohort.self, from: line) == cohort())
    }

    @Test func aCaseHasTheHighestClassOfItsSlides() throws {
        let cases = try cohort().byCase().slides
        #expect(cases.map(\.slide.text) == ["p", "q"] && cases.map(\.target) == [.class(1), .class(0)])
        #expect(Target.class(2).joined(with: .class(1)) == .class(2))
        #expect(Target.class(1).joined(with: .class(2)) == .class(2))
    }

    @Test func aClassIsItsOwnStratumAndHasTheCohortsName() {
        #expect(TargetStrata.of([.class(1), .class(0)]) == [1, 0] && Target.class(1).name(among: ["a", "b"]) == "b")
        #expect([-1, 0, 1, 2].map { Target.class($0).fits(classes: 2) } == [false, true, true, false])
    }
}

@Suite struct OtherTargetTests {
    private static let targets: [(Target, [String])] = [
        (.class(1), ["a", "b"]), (.ordinal(2), ["I", "II", "III"]), (.labels([true, nil, false]), ["x", "y", "z"]),
        (.number(-2.5), ["score"]), (.survival(SurvivalTime(412.5, isEvent: false)), ["days"]),
        (.survival(SurvivalTime(3, isEvent: true)), ["days"]),
    ]

    @Test(arguments: targets.indices) func aTargetComesBackFromJSONAndFromATable(place: Int) throws {
        let (target, classes) = Self.targets[place]
        let line = try CanonicalJSON.line([target])
        #expect(try JSONDecoder().decode([Target].self, from: line) == [target])
        #expect(Target(target.kind, named: target.name(among: classes), among: classes) == target)
        #expect(target.fits(classes: classes.count) && target.joined(with: target) == target)
    }

    @Test(arguments: [
        (Target.Kind.survival, "0"), (.survival, "-3+"), (.survival, "nan"), (.survival, "3++"), (.number, "x"),
        (.number, "inf"),
        (.labels, "yes"), (.labels, "? ? ?"), (.labels, "yes no perhaps"), (.ordinal, "IV"),
    ])
    func cellsThatNameNothingAreNoTarget(kind: Target.Kind, cell: String) {
        #expect(Target(kind, named: cell, among: ["I", "II", "III"]) == nil)
    }

    @Test func aLabelIsThereWhereOneSlideHasIt() {
        let joined = Target.labels([true, nil, false, nil]).joined(with: .labels([false, false, nil, nil]))
        #expect(joined == .labels([true, false, false, nil]))
    }

    @Test func strataTellEventsFromOthersAndEarlyFromLate() {
        let times = (1...80).map { Target.survival(SurvivalTime(Double($0), isEvent: $0.isMultiple(of: 2))) }
        let strata = TargetStrata.of(times)
        #expect(Set(strata).count == 8)
        #expect(zip(strata, times).allSatisfy { ($0 >= 4) == ($1.survival?.isEvent == true) })
        #expect(Set(TargetStrata.of((1...9).map { .number(Double($0)) })) == [0])
        #expect(Set(TargetStrata.of((1...40).map { .number(Double($0)) })).count == 4)
    }
}

@Suite struct OtherAnswerTests {
    private static let answers: [Answer] = [
        .class(ClassAnswer([0.2, 0.8], threshold: 0.3)), .ordinal(OrdinalAnswer([0.2, 0.5, 0.3])),
        .labels(LabelsAnswer([0.9, 0.1])), .number(NumberAnswer(3.25)),
        .survival(SurvivalAnswer(risk: -1.5, times: [10, 20], survival: [0.75, 0.5])),
        .survival(SurvivalAnswer(risk: 0.5, times: [], survival: [])),
    ]
    private static let classes = [["a", "b"], ["I", "II", "III"], ["x", "y"], ["score"], ["days"], ["days"]]

    @Test(arguments: answers.indices) func anAnswerComesBackFromATableAndAFile(place: Int) throws {
        let (answer, classes) = (Self.answers[place], Self.classes[place])
        let columns = Answer.columns(of: answer.kind, classes: classes, isCalibrated: false)
        let row = Dictionary(uniqueKeysWithValues: zip(columns, answer.cells(isCalibrated: false)))
            .merging(["predicted": answer.name(among: classes)]) { $1 }
        #expect(Answer.told(by: columns).kind == answer.kind)
        let read = try Answer(answer.kind, classes: classes, isCalibrated: false, name: "predicted") { row[$0] ?? "" }
        #expect(read.decided(by: 0.3).name(among: classes) == answer.name(among: classes))
        let stored = Dictionary(uniqueKeysWithValues: answer.stored.map { ($0.name, $0.value) })
        #expect(Answer(stored: { stored[$0] }) == answer)
        let folds = Answer.stored(folds: [answer, answer])
        #expect(answer.folds { folds[$0] }?.count == 2)
        #expect(!answer.numbers(among: classes).isEmpty && !answer.words(among: classes).result.isEmpty)
        #expect(answer.isFinite && answer.fits(classes: classes.count) && !answer.shown(folds: [answer]).isEmpty)
    }

    @Test func aMeanIsOfOneKind() throws {
        let mean = try #require(Answer.mean(.ofFolds, of: [.number(NumberAnswer(1)), .number(NumberAnswer(4))]))
        #expect(mean == .number(NumberAnswer(2.5)))
        #expect(Answer.mean(.ofFolds, of: [.number(NumberAnswer(1)), Self.answers[0]]) == nil)
    }

    /// The second tells survival at other times: it is read off between them.
    @Test func meanSurvivalIsToldAsFarAsAllKnowIt() throws {
        let one = SurvivalAnswer(risk: 1, times: [10, 20], survival: [0.8, 0.4])
        let other = SurvivalAnswer(risk: 3, times: [5, 15], survival: [0.6, 0.2])
        let mean = try #require(Answer.mean(.ofSeeds, of: [.survival(one), .survival(other)])?.ofSurvival)
        #expect(mean.risk == 2 && mean.times == [10] && abs(mean.survival[0] - 0.6) < 1e-12)
        #expect(one.survival(at: 0) == 1 && one.survival(at: 15).map { abs($0 - 0.6) < 1e-12 } == true)
        #expect(one.survival(at: 21) == nil)
    }

    @Test func theMedianClassIsCalled() {
        #expect(OrdinalAnswer([0.49, 0.02, 0.49]).called == 1 && OrdinalAnswer([0.5, 0.5]).called == 0)
        #expect(OrdinalAnswer([0.2, 0.2, 0.6]).called == 2)
    }
}

@Suite struct SeveralTargetTests {
    private let targets: [Target] = [
        .several([.survival(SurvivalTime(3, isEvent: true)), nil]), .several([nil, .labels([true, nil])]),
        .several([.survival(SurvivalTime(9, isEvent: false)), .labels([false, true])]),
    ]

    private func cohort() throws -> Cohort {
        Cohort(
            classes: ["days"],
            slides: try targets.enumerated().map {
                CohortSlide(slide: try SlideID("s\($0)"), caseID: "p\($0)", target: $1)
            },
            targets: [
                Question(name: "os", kind: .survival, classes: ["days"]),
                Question(name: "genes", kind: .labels, classes: ["TP53", "KRAS"], weight: 2),
            ]
        )
    }

    @Test func severalTargetsAreWrittenAndReadBack() throws {
        let cohort = try cohort()
        #expect(try JSONDecoder().decode(Cohort.self, from: CanonicalJSON.line(cohort)) == cohort)
        #expect(cohort.kind == .survival && targets.allSatisfy(cohort.fits))
        #expect(!cohort.fits(.several([nil, nil])) && !cohort.fits(.several([.number(1), nil])))
        #expect(!cohort.fits(.several([nil, .labels([true])])) && !cohort.fits(.number(1)))
    }

    @Test func eachIsACohortOfTheSlidesThatKnowIt() throws {
        let genes = try cohort().asking(1)
        #expect(genes.slides.map(\.slide.text) == ["s1", "s2"] && genes.classes == ["TP53", "KRAS"])
        #expect(genes.kind == .labels && genes.targets == nil && genes.questions.count == 1)
        #expect(try cohort().needs.map(\.name).first == "the event of os")
        #expect(try cohort().needs.count == 5)
        #expect(try cohort().groups.map { group in targets.count { group.isMet($0) } } == [1, 1, 1, 1])
    }

    @Test func splitsGoByTheFirstAndKeepApartWhereItIsNotKnown() {
        let many = (0..<60).map { index -> Target in
            .several([index % 3 == 0 ? nil : .number(Double(index)), .number(Double(-index))])
        }
        let strata = TargetStrata.of(many)
        let known = TargetStrata.of(many.compactMap { $0.part(0) })
        #expect(zip(many, strata).filter { $0.0.part(0) != nil }.map(\.1) == known)
        #expect(Set(zip(many, strata).filter { $0.0.part(0) == nil }.map(\.1)) == [(known.max() ?? 0) + 1])
    }

    @Test func whatOneSlideOfACaseDoesNotKnowAnotherMay() {
        let joined = targets[0].joined(with: targets[1])
        #expect(joined == .several([.survival(SurvivalTime(3, isEvent: true)), .labels([true, nil])]))
    }
}
