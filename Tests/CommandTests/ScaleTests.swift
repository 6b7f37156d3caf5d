import Foundation
import Records
import Storage
import TestSupport
import Testing

/// A model and features of another scale.
extension StudyCommandTests {
    @Test func featuresThatNameAnotherSlideAreNotThatSlides() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "named")
        let own = job.appending(path: "20x_256px_0px_overlap/features_he-texture-v1")
        try FileManager.default.createDirectory(at: scratch["swapped"], withIntermediateDirectories: true)
        for (from, to) in [("sample_001", "sample_001"), ("sample_001", "sample_002"), ("sample_003", "sample_003")] {
            try FileManager.default.copyItem(
                at: own.appending(path: "\(from).h5"),
                to: scratch["swapped/\(to).h5"]
            )
        }
        let swapped = scratch["swapped"].path
        let result = try Command.run("predict", job.path, "--model", "acmil", "--features", swapped, "--redo")
        #expect(result.exit == 4 && result.errorLines.count == 1, "\(result.errors)")
        #expect(result.errors.contains("E_MISMATCH] sample_002:"))
        #expect(result.errors.contains("that they are of slide 'sample_001'"))
        #expect(result.errors.contains("3 slides: 2 ok"))
    }

    @Test func aModelIsNotAppliedAtTwiceItsScaleUnlessThatIsWanted() throws {
        let scratch = try Self.cohort.get()
        let model = try finishedJob(scratch, as: "scales").appending(path: "training/acmil").path
        let slides = try FileManager.default.contentsOfDirectory(
            at: scratch["sample/slides"],
            includingPropertiesForKeys: nil
        )
        let slide = try #require(slides.map(\.path).min())
        let job = scratch["coarse"].path
        #expect(try Command.run("tile", slide, "--out", job, "--mpp", "1", "--patch-size", "256").exit == 0)
        #expect(try Command.run("features", job, "--encoder", "he-texture-v1").exit == 0)
        let refused = try Command.run("predict", job, "--model", model)
        #expect(refused.exit == 2 && refused.errorLines.count == 1, "\(refused.errors)")
        let words = "µm per pixel of its features is 1 µm, that of the model acmil 0.5 µm"
        #expect(refused.errors.contains("E_USAGE") && refused.errors.contains(words), "\(refused.errors)")
        #expect(Scratch.tree(scratch["coarse/predictions"]).isEmpty)
        let accepted = try Command.run("predict", job, "--model", model, "--allow-scale-mismatch")
        #expect(accepted.exit == 0 && accepted.errors.contains("warning:"), "\(accepted.errors)")
        let status = try Command.run("status", job).output
        #expect(status.contains("made with --allow-scale-mismatch: µm per pixel 1 µm, trained at 0.5 µm"), "\(status)")
        #expect(try Command.run("heatmap", job, "--model", "acmil").exit == 0)
    }
}
