import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Pipeline
@testable import Storage

@Suite struct FeatureJoinTests {
    private func facts(_ mpp: Double?, digest: String = "aa") -> PatchFacts {
        PatchFacts(mpp: mpp, side: 256, encoder: PatchFacts.Encoder(name: "uni", digest: digest))
    }

    private func join(allowsScale: Bool, _ slides: [(String, PatchFacts)]) throws -> FeatureJoin {
        var join = FeatureJoin(with: facts(0.5), of: "the model acmil", allowsScale: allowsScale)
        for (slide, facts) in slides { join.add(try SlideID(slide), facts) }
        return join
    }

    @Test func aMismatchNamesBothSidesAndEverySlide() throws {
        let join = try join(allowsScale: false, [("a", facts(0.5)), ("b", facts(1)), ("c", facts(1))])
        let failure = try #require(join.failure(.usage))
        #expect(failure.code == .usage && failure.subject == "b")
        #expect(
            failure.message
                == "µm per pixel of its features is 1 µm, that of the model acmil 0.5 µm (2 slides: b, c); "
                + "use features of one scale, or go on with --allow-scale-mismatch"
        )
    }

    @Test func onlyScalesCanBeGoneOnWith() throws {
        let scale = try join(allowsScale: true, [("b", facts(1))])
        #expect(scale.failure(.mismatch) == nil && scale.notes.count == 1)
        #expect(try scale.accepted[SlideID("b")]?.map(\.member) == [.scale])
        let encoder = try join(allowsScale: true, [("b", facts(0.5, digest: "bb"))])
        #expect(encoder.failure(.mismatch)?.code == .mismatch && ErrorCode.mismatch.exitStatus == .integrity)
    }

    @Test func whatOneSideDoesNotSayIsANote() throws {
        let join = try join(allowsScale: false, [("a", PatchFacts())])
        #expect(join.failure(.mismatch) == nil)
        #expect(join.notes.count == 3 && join.notes.allSatisfy { $0.contains("could not be compared") })
    }

    @Test func theNamesOfBuiltInEncodersAreAllKept() {
        #expect(EncoderManifest.builtIn == [EncoderChoice.texture.identity.name])
    }

    /// 4 of 12 slides at half the magnification, as TRIDENT says it.
    @Test func aCohortThatMixesScalesIsFoundByCheckAndNotTrainedOn() throws {
        let scratch = try Scratch()
        let rows = (0..<12).map { "s\($0),p\($0),\($0 % 2 == 0 ? "x" : "y")\n" }
        try scratch.add("labels.csv", "slide_id,case_id,label\n" + rows.joined())
        try scratch.add(
            "study.json",
            #"{"cohort": {"labels": "labels.csv", "folds": 2, "positive": "y"}, "features": {"path": "h5"}, "model": {"kind": "abmil"}}"#
        )
        try FileManager.default.createDirectory(at: scratch.file("h5"), withIntermediateDirectories: true)
        for slide in 0..<12 {
            try HDF5File.make(at: scratch.file("h5/s\(slide).h5")) { file in
                try file.create("features", .float32, shape: [1, 2]).write([Float(1), 2])
                let coords = try file.create("coords", .int64, shape: [1, 2])
                try coords.write([Int64(0), 0])
                try coords.object.set("patch_size", .integer(256))
                try coords.object.set("target_magnification", .number(slide < 4 ? 10 : 20))
            }
        }
        let url = scratch.file("study.json")
        let report = try StudyCheck(config: url, layout: nil).run { _ in }
        #expect(report.problems.map(\.code) == [.mismatch] && report.problems.first?.count == 4)
        #expect(report.problems.first?.message.contains("is 1 µm, that of most slides 0.5 µm") == true)
        #expect(report.exitStatus == .integrity)
        #expect(throws: StudyProblems.self) { try Study(config: url) }
        let overrides = StudyOverrides(allowsScaleMismatch: true)
        #expect(try StudyCheck(config: url, layout: nil, overrides: overrides).run { _ in }.problems.isEmpty)
        let study = try Study(config: url, overrides: overrides)
        #expect(study.features?.facts?.mpp == 0.5 && study.features?.identity.width == 2)
    }
}
