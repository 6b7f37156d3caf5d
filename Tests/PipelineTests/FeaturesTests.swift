import Foundation
import Records
import Sample
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Pipeline

@Suite struct FeaturesTests {
    /// The built programs, which lie beside the test runner.
    private var programs: Programs {
        let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        return Programs(wsi: folder.appending(path: "wsi").path, compute: folder.appending(path: "wsi-compute").path)
    }

    private func refused(_ layout: JobLayout) throws -> [String] {
        let features = try Features.read(layout, encoder: "he-texture-v1")
        let known = Set(features.files.keys).union(features.refused.keys)
        return try known.sorted().compactMap { try features.refusal(of: $0)?.failure }
            .map { "\($0.code.rawValue) \($0.subject ?? "")" }
    }

    private func offered(_ layout: JobLayout) throws -> [String] {
        try Features.read(layout, encoder: "he-texture-v1").files.keys.map(\.text).sorted()
    }

    @Test func featuresOfASlideThatWasReplacedAreNotOffered() async throws {
        let scratch = try Scratch()
        let cohort = scratch.file("cohort")
        _ = try await SampleCohort.write(to: cohort, options: SampleOptions(slides: 2, side: 2048)) { _, _ in }
        let slides = try SlideList.find(paths: [cohort.appending(path: "slides").path]).entries
        let (first, second) = (try #require(slides.first), try #require(slides.last))
        let layout = JobLayout(root: scratch.file("job"))
        var settings = WorkSettings(workers: 2, programs: programs)
        func tile() async throws -> StageReport {
            try await TileStage(layout: layout, entries: slides, tiling: TilingConfig(), settings: settings)
                .run(progress: { _ in }).report
        }
        #expect(try await tile().ok == 2)
        let encoder = try EncoderChoice("he-texture-v1")
        let made = try #require(
            try await FeatureStage(layout: layout, encoders: [encoder], settings: settings).run(progress: { _ in })
                .first
        )
        #expect(made.report.ok == 2)
        #expect(try offered(layout) == [first.id.text, second.id.text])

        let file = layout.root.appending(path: "20x_256px_0px_overlap/features_he-texture-v1/\(first.id).h5")
        let whole = try Data(contentsOf: file)
        var flipped = whole
        flipped[whole.count / 2] ^= 1
        for damaged in [flipped, whole.prefix(whole.count - 9), Data()] {
            try AtomicFile.write(damaged, to: file)
            #expect(try refused(layout) == ["E_DIGEST \(first.id)"])
        }
        try FileManager.default.removeItem(at: file)
        #expect(try refused(layout) == ["E_DIGEST \(first.id)"])
        try AtomicFile.write(whole, to: file)
        let record = layout.outcome(stage: .features("he-texture-v1"), UnitID(first.id))
        let outcome = try Data(contentsOf: record)
        try FileManager.default.removeItem(at: record)
        #expect(try refused(layout) == ["E_FINGERPRINT \(first.id)"])
        try AtomicFile.write(outcome, to: record)
        #expect(try refused(layout).isEmpty)

        settings.redo = true
        try scratch.add("cohort/slides/\(URL(filePath: second.path).lastPathComponent)", "no slide any more")
        #expect(try await tile().exitStatus == .partial)
        #expect(try offered(layout) == [first.id.text])

        // Another slide under the old name tiles well, but the features are still those of the old one.
        try FileManager.default.removeItem(atPath: second.path)
        try FileManager.default.copyItem(atPath: first.path, toPath: second.path)
        #expect(try await tile().ok == 2)
        #expect(try offered(layout) == [first.id.text])
        #expect(try refused(layout) == ["E_FINGERPRINT \(second.id)"])
    }
}
