import Foundation
import TestSupport
import Testing

/// `wsi bench`, as small as it can be.
@Suite struct BenchCommandTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(at: scratch["tmp"], withIntermediateDirectories: true)
    }

    private func bench(_ words: String...) throws -> Command {
        try Command.run(["bench", "--workers", "1"] + words, environment: ["TMPDIR": scratch["tmp"].path])
    }

    private var left: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: scratch["tmp"].path)) ?? ["?"]
    }

    private let small = ["--device", "cpu", "--seconds", "0.1", "--patches", "20"]

    @Test func anEncoderOfANameIsMeasuredOnMadeSlidesAndNothingIsLeft() throws {
        let result = try Command.run(
            ["bench", "--workers", "1", "--encoder", "mobilenet-v2", "--json"] + small,
            environment: ["TMPDIR": scratch["tmp"].path]
        )
        #expect(result.exit == 0, "\(result.errors)")
        let json = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(json["encoder"] as? String == "mobilenet-v2")
        for row in ["encoder_alone", "reading", "end_to_end"] {
            let row = try #require(json[row] as? [String: Any])
            #expect(try #require(row["patches_per_second"] as? Double) > 0)
        }
        for row in ["reading", "end_to_end"] {
            #expect((json[row] as? [String: Any])?["patches"] as? Int == 20)
        }
        let whole = try #require(json["end_to_end"] as? [String: Any])
        #expect(whole["batch"] as? Int == 8)
        #expect(try (0.001...1).contains(#require(whole["busy"] as? Double)))
        #expect(left == [])
    }

    @Test func anEncoderOfTheUsersIsMeasuredOnTheirSlides() throws {
        let encoder = try BlindEncoder.write("plain", into: scratch)
        let slides = try TiledSlide.made.get()["sample/slides"].path
        let folder = URL(filePath: encoder).deletingLastPathComponent().path
        let result = try Command.run(
            ["bench", "--workers", "1", "--encoder", folder] + small + ["--slides", slides],
            environment: ["TMPDIR": scratch["tmp"].path]
        )
        #expect(result.exit == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines.first?.hasPrefix("plain in ") == true)
        for (line, name) in zip(lines.dropFirst(2), ["encoder alone", "reading alone", "end to end"]) {
            #expect(line.hasPrefix(name))
        }
        #expect(lines.last?.hasPrefix("1,000 slides of 10,000 patches: ") == true)
        #expect(left == [])
    }

    @Test(arguments: [
        (["--patches", "0"], "--patches: 1 to 100000000 are allowed"),
        (["--seconds", "0"], "--seconds: 0.1 to 3600 are allowed"),
        (["--workers", "0"], "--workers: 1 to 1024 are allowed"),
        (["--encoder", "vit-x99"], "no such encoder: give a folder with encoder.json, or one of vit-s16,"),
        (["--encoder", "he-texture-v1"], "it is computed by the readers"),
        (["--encoder", "mobilenet-v2", "--device", "tpu"], "--device"),
    ])
    func badInputIsOneLineAndLeavesNothing(_ words: [String], _ said: String) throws {
        let result = try Command.run(["bench", "--quiet"] + words, environment: ["TMPDIR": scratch["tmp"].path])
        #expect(result.exit == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.split(separator: "\n").count == 1 && result.errors.contains(said), "\(result.errors)")
        #expect(left == [])
    }

    @Test func aFolderWithoutSlidesOrEncoderIsSaid() throws {
        try scratch.write("no slide", to: "empty/readme.txt")
        let slides = try bench("--encoder", "mobilenet-v2", "--slides", scratch["empty"].path)
        #expect(slides.exit == 2 && slides.errors.contains("no slide in this folder"), "\(slides.errors)")
        let encoder = try bench("--encoder", scratch["empty"].path)
        #expect(encoder.exit == 2 && encoder.errors.contains("no encoder.json in this folder"), "\(encoder.errors)")
        #expect(left == [])
    }

    @Test func aDeviceThatIsNotThereIsSaid() throws {
        // A GPU that is there is none of this test's business.
        let result = try Command.run(
            ["bench", "--quiet", "--encoder", "mobilenet-v2", "--device", "cuda"] + ["--seconds", "0.1"],
            environment: ["TMPDIR": scratch["tmp"].path, "CUDA_VISIBLE_DEVICES": ""]
        )
        #expect(result.exit == 2)
        #expect(result.errorLines.count == 1 && result.errors.contains("CUDA"), "\(result.errors)")
        #expect(left == [])
    }

    @Test func slidesThatCannotBeReadAreNamed() throws {
        try scratch.write("no tiff", to: "slides/broken.svs")
        let result = try bench("--encoder", "mobilenet-v2", "--seconds", "0.1", "--slides", scratch["slides"].path)
        #expect(result.exit == 3, "\(result.errors)")
        #expect(result.errors.contains("broken"))
        // Before the encoder, which takes long.
        #expect(!result.errors.contains("the encoder alone"), "\(result.errors)")
        #expect(left == [])
    }
}
