import Foundation
import Records
import Testing

@testable import Pipeline

/// Features from another tool that are those of another slide, too.
@Suite struct SameSlidesTests {
    private func note(_ files: [String], digests: [String], cases: [String]) throws -> String? {
        let slides = try files.indices.map { try SlideID("s\($0)") }
        var features = Features(
            files: Dictionary(uniqueKeysWithValues: zip(slides, files.map { URL(filePath: "/features/\($0)") }))
        )
        features.versions = Dictionary(uniqueKeysWithValues: zip(slides, digests))
        let cohort = Cohort(
            classes: ["no", "yes"],
            slides: zip(slides, cases).map { CohortSlide(slide: $0, caseID: $1, target: .class(0)) }
        )
        return SameSlides.note(of: cohort, features)
    }

    @Test func copiesInDifferentCasesAreNamed() throws {
        let note = try note(["a.h5", "b.h5", "c.h5"], digests: ["1", "1", "2"], cases: ["p", "q", "r"])
        #expect(note?.hasPrefix("warning: features of different cases are the same file: s0, s1; ") == true)
    }

    @Test func copiesOfOneCaseAreItsOwnMatter() throws {
        #expect(try note(["a.h5", "b.h5"], digests: ["1", "1"], cases: ["p", "p"]) == nil)
    }

    @Test func oneFileWithTheFeaturesOfManySlidesIsNoCopy() throws {
        #expect(try note(["all.safetensors", "all.safetensors"], digests: ["1", "1"], cases: ["p", "q"]) == nil)
    }
}
