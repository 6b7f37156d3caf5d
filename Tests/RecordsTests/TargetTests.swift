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
