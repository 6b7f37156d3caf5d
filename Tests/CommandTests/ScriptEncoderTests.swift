import Files
import Foundation
import Storage
import TestSupport
import Testing

/// TorchScript as a user has it, in fp32 and in bf16.
@Suite struct ScriptEncoderTests {
    private static let canBF16: Bool = {
        let facts = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        return facts.contains("avx512_bf16") || facts.contains("amx_bf16")
    }()

    private let scratch: Scratch
    private let encoder: String
    private var job: String { scratch["job"].path }
    private var trust: [String: String] { ["WSI_TRUST_FILE": scratch["trust.json"].path] }

    init() throws {
        scratch = try Scratch()
        try FileManager.default.copyItem(at: TiledSlide.made.get()["job"], to: scratch["job"])
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let weights = try Data(contentsOf: tests.appending(path: "EncodersTests/Imported/script.pt"))
        try AtomicFile.write(weights, to: scratch["script/weights.pt"])
        let manifest: [String: Any] = [
            "name": "script", "dim": 24, "input": 16, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
            "interpolation": "bilinear", "weights": "weights.pt", "sha256": Digest.sha256(weights), "licence": "CC0",
            "source": "a test", "mpp": 0.5,
        ]
        try AtomicFile.write(
            JSONSerialization.data(withJSONObject: manifest),
            to: scratch["script/encoder.json"]
        )
        encoder = scratch["script/encoder.json"].path
        let told = try Command.run(["encoder", "trust", encoder, "--yes"], environment: trust)
        try #require(told.exit == 0, "\(told.errors)")
    }

    private func features(_ words: String...) throws -> Command {
        try Command.run(["features", job, "--encoder", encoder] + words, environment: trust)
    }

    private func file() throws -> FeatureFile {
        try FeatureFile(contentsOf: scratch["job/20x_256px_0px_overlap/features_script/sample_001.h5"])
    }

    @Test(.enabled(if: canBF16)) func featuresOfBothPrecisionsAreNeverMixed() throws {
        #expect(try features().exit == 0)
        let wide = try file()
        #expect(wide.attributes["wsi_encoder_precision"] == nil)
        let refused = try features("--precision", "bf16")
        #expect(refused.exit == 4)
        #expect(try file().features == wide.features)
        // What was said before is what is taken now: fp32 is what `auto` is.
        #expect(try features("--precision", "fp32").errors.contains("(all already done)"))

        try FileManager.default.removeItem(at: scratch["job"])
        try FileManager.default.copyItem(at: TiledSlide.made.get()["job"], to: scratch["job"])
        let made = try features("--precision", "bf16")
        #expect(made.exit == 0, "\(made.errors)")
        let narrow = try file()
        #expect(narrow.attributes["wsi_encoder_precision"] == "bf16")
        let outcome = try String(contentsOf: scratch["job/outcomes/features_script/sample_001.json"], encoding: .utf8)
        #expect(outcome.contains(#""precision" : "bf16""#))
        let difference = distance(wide.features, narrow.features)
        #expect(difference > 1e-4 && difference < 0.1)
        #expect(try features().exit == 4)
    }

    @Test(.enabled(if: canBF16)) func theCheckSaysHowFarBF16IsFromFP32() throws {
        let checked = try Command.run(["encoder", "check", encoder, "--precision", "bf16"], environment: trust)
        #expect(checked.exit == 0, "\(checked.errors)")
        let wanted =
            #/script: no golden patch came with it; bf16 differs from fp32 by up to (\S+) \((\S+) of the largest feature\), cosine (?:0\.99\d+|1\.0+)\n/#
        let found = try #require(checked.output.wholeMatch(of: wanted), "\(checked.output)")
        #expect(try #require(Double(found.output.1)) > 1e-4)
        for words in [[], ["--precision", "fp32"]] {
            let other = try Command.run(["encoder", "check", encoder] + words, environment: trust)
            #expect(other.exit == 2)
            #expect(other.errors.contains("names no 'check' file"))
        }
    }
}
