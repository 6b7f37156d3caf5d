import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

/// Encoders as a user has them: a folder with a JSON, weights and a golden patch.
@Suite struct EncoderCommandTests {
    private let scratch: Scratch
    private var job: String { scratch["job"].path }
    private var trust: [String: String] { ["WSI_TRUST_FILE": scratch["trust.json"].path] }

    init() throws {
        scratch = try Scratch()
        try FileManager.default.copyItem(at: TiledSlide.made.get()["job"], to: scratch["job"])
    }

    private func features(_ encoder: String) -> URL {
        scratch["job/20x_256px_0px_overlap/features_\(encoder)/sample_001.h5"]
    }

    private func encoder(
        _ name: String,
        sight: Bool = false,
        golden: [Float]? = nil,
        _ fields: [String: Any] = [:]
    ) throws -> String {
        try BlindEncoder.write(name, into: scratch, sight: sight, golden: golden, fields)
    }

    /// What the network without sight gives, by hand.
    private var blind: [Float] { (0..<64).map { max(0, Float($0 % 5 - 2) + Float($0) / 64) } }

    /// A TorchScript file, which only LibTorch can make.
    private static let script = "encoders/squeezenet1_0.ts.pt"

    @Test(.enabled(if: SharedData.has(script), "\(SharedData.absence)"))
    func whatAnEncoderSaysOfItselfCannotPassForAPromptsOwnLines() throws {
        let weights = try Data(contentsOf: SharedData.file(Self.script))
        try AtomicFile.write(weights, to: scratch["evil/weights.pt"])
        let manifest: [String: Any] = [
            "name": "evil", "dim": 64, "input": 64, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
            "interpolation": "bilinear", "weights": "weights.pt", "sha256": Digest.sha256(weights), "mpp": 0.5,
            "licence": "MIT\u{1B}[2A\u{1B}[2Ksha256    0000", "source": "x\nTrusted already: yes\n\u{202E}",
        ]
        try AtomicFile.write(JSONSerialization.data(withJSONObject: manifest), to: scratch["evil/encoder.json"])
        let asked = try Command.run("encoder", "trust", scratch["evil/encoder.json"].path, environment: trust)
        #expect(asked.exit == 5)
        let lines = asked.errors.split(separator: "\n")
        #expect(lines.contains("licence   MIT\\u{1B}[2A\\u{1B}[2Ksha256    0000"))
        #expect(lines.contains("source    x Trusted already: yes \\u{202E}"))
        #expect(asked.errors.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0 != "\u{202E}" })
    }

    @Test func aNativeEncoderNeedsNoConsentAndLeavesItsPrecisionAndArchitectureInTheRecord() throws {
        let plain = try encoder("plain")
        let told = try Command.run(["encoder", "trust", plain], environment: trust)
        #expect((told.exit, told.errors) == (0, "plain is data, no program: it needs no consent\n"))
        #expect(!FileManager.default.fileExists(atPath: scratch["trust.json"].path))
        let made = try Command.run("features", job, "--encoder", plain, "--precision", "fp32")
        #expect(made.exit == 0, "\(made.errors)")
        let file = try FeatureFile(contentsOf: features("plain"))
        #expect(file.count > 10)
        for row in 0..<file.count { #expect(Array(file.features[(row * 64)..<((row + 1) * 64)]) == blind) }
        #expect(file.attributes["wsi_encoder_precision"] == "fp32")
        let outcome = try String(contentsOf: scratch["job/outcomes/features_plain/sample_001.json"], encoding: .utf8)
        #expect(outcome.contains(#""precision" : "fp32""#))
        #expect(outcome.contains(#"\"layers\":[1]"#))
        // The same weights in another arrangement are another encoder.
        let changed = try encoder("plain", ["mean": [0.4, 0.5, 0.5]])
        #expect(try Command.run("features", job, "--encoder", changed, "--precision", "fp32").exit == 4)
    }

    @Test func severalEncodersInOnePassGiveWhatEachGivesAlone() throws {
        let (one, two) = (try encoder("one", sight: true), try encoder("two", sight: true, ["std": [0.2, 0.2, 0.2]]))
        let words = [one, two, "he-texture-v1"].flatMap { ["--encoder", $0] }
        let together = try Command.run(["features", job, "--precision", "fp32"] + words)
        #expect(together.exit == 0, "\(together.errors)")
        let names = ["one", "two", "he-texture-v1"]
        let joint = try names.map { try Data(contentsOf: features($0)) }
        #expect(Set(joint).count == 3)
        for name in names {
            try FileManager.default.removeItem(at: features(name).deletingLastPathComponent())
            let word = name == "he-texture-v1" ? name : scratch["\(name)/encoder.json"].path
            #expect(try Command.run("features", job, "--encoder", word, "--precision", "fp32").exit == 0)
        }
        #expect(try names.map { try Data(contentsOf: features($0)) } == joint)
    }

    @Test func onlyTheEncoderThatIsMissingIsComputed() throws {
        #expect(try Command.run("features", job, "--encoder", "he-texture-v1").exit == 0)
        let before = try Data(contentsOf: features("he-texture-v1"))
        let plain = try encoder("plain")
        let both = try Command.run("features", job, "--encoder", "he-texture-v1", "--encoder", plain)
        #expect(both.exit == 0, "\(both.errors)")
        #expect(both.errors.contains("features_he-texture-v1: 1 slide: 1 ok, 0 empty, 0 failed (all already done)"))
        #expect(both.errors.contains("features_plain: 1 slide: 1 ok, 0 empty, 0 failed"))
        #expect(try Data(contentsOf: features("he-texture-v1")) == before)
    }

    @Test func twoEncodersOfOneNameAreRefusedBeforeWork() throws {
        let plain = try encoder("plain")
        let result = try Command.run("features", job, "--encoder", plain, "--encoder", plain)
        #expect(result.exit == 2)
        #expect(result.errorLines.first?.contains("two encoders have this name") == true)
        #expect(!FileManager.default.fileExists(atPath: features("plain").path))
    }

    @Test func knownEncodersAreListedWithTheirLicences() throws {
        let table = try Command.run("encoder", "list")
        #expect(table.exit == 0, "\(table.errors)")
        let lines = table.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("name ") == true)
        let uni = try #require(lines.first { $0.hasPrefix("uni ") })
        #expect(uni.contains("256 px at 0.5 µm") && uni.contains("CC-BY-NC-ND-4.0") && uni.hasSuffix("as timm"))
        let json = try Command.run("encoder", "list", "--json")
        let list = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(list.count == lines.count - 1)
        #expect(list.first { $0["name"] as? String == "gigapath" }?["resize"] as? Int == 256)
    }

    @Test func aDownloadedModelBecomesAnEncoderThatMakesFeatures() throws {
        let made = try encoder("plain")
        let weights = URL(filePath: made).deletingLastPathComponent().appending(path: "weights.safetensors")
        let model = scratch["hub/model.safetensors"]
        try AtomicFile.createFolder(model.deletingLastPathComponent())
        try FileManager.default.copyItem(at: weights, to: model)
        let said = #"{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2, "size": 64}"#
        try AtomicFile.write(said, to: scratch["hub/preprocessor_config.json"])
        let words = ["encoder", "import", scratch["hub"].path, "--out", scratch["imported"].path, "--mpp", "0.5"]
        let asked = try Command.run(words)
        #expect(asked.exit == 2)
        #expect(asked.errors.contains("the licence is not said here; give --licence and its name"))
        let imported = try Command.run(words + ["--licence", "none", "--name", "again"])
        #expect(imported.exit == 0, "\(imported.errors)")
        let manifest = scratch["imported/encoder.json"].path
        #expect(imported.output == "\(manifest)\n")
        let run = try Command.run("features", job, "--encoder", manifest, "--precision", "fp32")
        #expect(run.exit == 0, "\(run.errors)")
        let file = try FeatureFile(contentsOf: features("again"))
        for row in 0..<file.count { #expect(Array(file.features[(row * 64)..<((row + 1) * 64)]) == blind) }
        let other = try Command.run(words + ["--as", "nobody"])
        #expect(other.exit == 2 && other.errors.contains("there is no preset 'nobody'; wsi encoder list names them"))
    }

    @Test func theGoldenPatchIsCheckedOnRequest() throws {
        let good = try encoder("good", golden: blind)
        let checked = try Command.run("encoder", "check", good, "--precision", "fp32")
        #expect(checked.exit == 0, "\(checked.errors)")
        #expect(checked.output.hasPrefix("good: the golden patch agrees in fp32: largest difference 0.0e+00"))

        let bad = try encoder("bad", golden: blind.map { $0 + 0.1 })
        let refused = try Command.run("encoder", "check", bad, "--precision", "fp32")
        #expect(refused.exit == 4)
        #expect(refused.errorLines.count == 1)
        #expect(refused.errorLines.first?.hasPrefix("wsi: error[E_ENCODER]") == true)
        let stopped = try Command.run("features", job, "--encoder", bad, "--check-encoder", "--precision", "fp32")
        #expect(stopped.exit == 4)
        #expect(!FileManager.default.fileExists(atPath: features("bad").path))

        let without = try Command.run("encoder", "check", try encoder("without"))
        #expect(without.exit == 2)
        #expect(without.errorLines.first?.contains("names no 'check' file") == true)
    }

    @Test func theTextOfALicenceReachesTheFeatureFile() throws {
        let text = "Attribution 4.0\n" + String(repeating: "You are free to share — copy. ", count: 600)
        let long = try encoder("long", ["licence": text])
        #expect(try Command.run("features", job, "--encoder", long).exit == 0)
        #expect(try FeatureFile(contentsOf: features("long")).attributes["wsi_encoder_licence"] == text)
        let longer = try encoder("longer", ["licence": String(repeating: "x", count: 32_769)])
        #expect(try Command.run("features", job, "--encoder", longer).exit == 2)
    }

    /// `torch.save` of an empty dictionary and the marks of a `.pt2` archive.
    @Test(arguments: [(Data([0x80, 2, 0x7D, 0x71, 0, 0x2E]), "a pickle of torch.save")])
    func aFileThatIsNoTorchScriptIsRefusedBeforeAnyoneIsAskedToTrustIt(bytes: Data, words: String) throws {
        try AtomicFile.write(bytes, to: scratch["model/weights.pt"])
        let manifest: [String: Any] = [
            "name": "model", "dim": 3, "input": 64, "mean": [0, 0, 0], "std": [1, 1, 1], "interpolation": "bilinear",
            "weights": "weights.pt", "sha256": Digest.sha256(bytes), "licence": "CC0", "source": "a test", "mpp": 0.5,
        ]
        let file = scratch["model/encoder.json"]
        try AtomicFile.write(JSONSerialization.data(withJSONObject: manifest), to: file)
        let refused = try Command.run(["encoder", "trust", file.path, "--yes"], environment: trust)
        #expect(refused.exit == 4)
        #expect(refused.errorLines.first?.contains(words) == true)
        for name in ["weights.pt", "alone.pt"] {
            try AtomicFile.write(bytes, to: scratch["model/\(name)"])
            let told = try Command.run(
                ["encoder", "trust", scratch["model/\(name)"].path, "--yes"],
                environment: trust
            )
            #expect(told.exit == 4 && told.errorLines.first?.contains(words) == true)
        }
        #expect(!FileManager.default.fileExists(atPath: scratch["trust.json"].path))
    }

    @Test(.enabled(if: SharedData.isThere, "\(SharedData.absence)"))
    func theFileOfWeightsIsTrustedAsItsManifestDescribesIt() throws {
        let weights = SharedData.path(Self.script)
        let told = try Command.run(["encoder", "trust", weights, "--yes"], environment: trust)
        #expect((told.exit, told.errors.contains("squeezenet1_0 is trusted")) == (0, true))
    }
}
