import Foundation
import Records
import Storage
import Testing

@Suite struct EncoderManifestTests {
    private static let digest = String(repeating: "0a", count: 32)

    /// The manifest of a plain encoder; `fields` replace, NSNull removes.
    private func read(_ fields: [String: Any] = [:]) throws -> EncoderManifest {
        var object: [String: Any] = [
            "name": "uni", "dim": 1024, "input": 224, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
            "interpolation": "bicubic", "weights": "uni.ts.pt", "sha256": Self.digest, "licence": "CC BY-NC-ND 4.0",
            "source": "MahmoodLab/UNI", "mpp": 0.5,
        ]
        for (key, value) in fields { object[key] = value is NSNull ? nil : value }
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-manifest-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try AtomicFile.write(
            JSONSerialization.data(withJSONObject: object),
            to: folder.appending(path: "uni.json")
        )
        return try EncoderManifest(contentsOf: folder.appending(path: "uni.json"))
    }

    @Test func aCompleteManifestIsReadAndItsWeightsLieBesideIt() throws {
        let manifest = try read()
        #expect(manifest.name == "uni")
        #expect(manifest.dim == 1024)
        #expect(manifest.interpolation == .bicubic)
        #expect(manifest.std == [0.229, 0.224, 0.225])
        #expect(manifest.weightsURL.lastPathComponent == "uni.ts.pt")
        #expect(manifest.weightsURL.deletingLastPathComponent().lastPathComponent.hasPrefix("wsi-manifest-"))
        #expect(try read(["weights": "/models/uni.pt"]).weightsURL.path == "/models/uni.pt")
    }

    @Test func anUnknownKeyIsRefusedWithTheKnownOnes() throws {
        let error = #expect(throws: ConfigError.self) { try read(["resize": 256]) }
        #expect(error?.subject?.hasSuffix("uni.json: resize") == true)
        #expect(error?.message.hasPrefix("unknown key; known keys are architecture, check, dim, ") == true)
        #expect(error?.code.exitStatus == .usage)
    }

    @Test(arguments: [
        "name", "dim", "input", "mean", "std", "interpolation", "weights", "sha256", "licence", "source", "mpp",
    ])
    func noKeyMayBeMissing(key: String) throws {
        let error = #expect(throws: ConfigError.self) { try read([key: NSNull()]) }
        #expect(error?.subject?.hasSuffix("uni.json: \(key)") == true)
        #expect(error?.message == "this key is required")
    }

    @Test(arguments: ["", "..", ".hidden", "a/b", "ünï", "a b", "-x", String(repeating: "a", count: 65)])
    func aNameThatCouldLeaveItsFolderIsRefused(name: String) throws {
        let error = #expect(throws: ConfigError.self) { try read(["name": name]) }
        #expect(error?.message.contains("is not a safe folder name; use 1 to 64 of") == true)
    }

    @Test func numbersOutOfRangeAreRefusedWithTheRange() throws {
        func message(_ fields: [String: Any]) -> String? {
            #expect(throws: ConfigError.self) { try read(fields) }?.message
        }
        #expect(message(["dim": 0]) == "0 is not in 1…65536")
        #expect(message(["input": 100_000]) == "100000 is not in 8…4096 pixels")
        #expect(message(["mean": [0.5, 0.5]]) == "three numbers in -1…1 are wanted: red, green, blue")
        #expect(message(["mean": [123.7, 116.3, 103.5]]) == "three numbers in -1…1 are wanted: red, green, blue")
        #expect(message(["std": [0.2, 0, 0.2]]) == "three numbers in 0.001…10 are wanted: red, green, blue")
        #expect(message(["mpp": 40]) == "40.0 is not in 0.05…20 µm per pixel")
        #expect(message(["sha256": "ABC"]) == "64 lower-case hexadecimal digits are wanted; sha256sum prints them")
        #expect(message(["interpolation": "nearest"]) == "one of bilinear, bicubic is wanted here")
        #expect(message(["weights": ""]) == "the name of the weights' file is wanted")
    }

    @Test func aMissingManifestIsNotFound() {
        let error = #expect(throws: StorageError.self) {
            try EncoderManifest(contentsOf: URL(filePath: "/nowhere/uni.json"))
        }
        #expect(error?.code == .notFound)
    }
}
