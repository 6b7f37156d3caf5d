import Foundation
import Storage
import Testing
import Torch

@testable import Config
@testable import Encoders
@testable import Files
@testable import Imaging

@Suite struct ResamplingTests {
    /// Busy enough that the cubic overshoots 0 and 255.
    private func pattern(_ side: Int) -> [UInt8] {
        (0..<(side * side * 3)).map { index in
            let (y, x, c) = (index / (side * 3), index / 3 % side, index % 3)
            return UInt8((x * x * 7 + y * 13 + c * 29 + x * y * 3) % 256)
        }
    }

    private func resampled(_ side: Int, _ target: Int, _ kind: EncoderManifest.Interpolation) -> [UInt8] {
        pattern(side).withUnsafeBufferPointer { Resampling(from: side, to: target, kind).apply($0) }
    }

    // Expected bytes and digests: Pillow 13.0.0, Image.resize((target, target), BILINEAR or BICUBIC) of the pattern.
    @Test func smallSquaresAgreeWithPillowByteForByte() {
        let bilinear: [UInt8] = [
            8, 37, 66, 32, 61, 90, 84, 113, 142, 161, 190, 159, 28, 57, 86, 58, 87, 116, 116, 145, 174, 181, 121, 97,
            48,
            77, 106, 84, 113, 142, 148, 177, 178, 96, 107, 104, 68, 97, 126, 110, 139, 168, 180, 156, 153, 116, 85, 78,
        ]
        let bicubic: [UInt8] = [
            5, 34, 63, 26, 55, 84, 83, 111, 144, 165, 201, 164, 25, 54, 83, 52, 81, 109, 116, 151, 188, 194, 119, 90,
            47,
            76, 105, 80, 109, 142, 161, 194, 188, 86, 104, 102, 66, 95, 124, 106, 142, 175, 193, 160, 152, 115, 79, 68,
        ]
        #expect(resampled(6, 4, .bilinear) == bilinear)
        #expect(resampled(6, 4, .bicubic) == bicubic)
    }

    @Test(arguments: [
        (
            256, 224, EncoderManifest.Interpolation.bilinear,
            "ca55238a6a209694ee599bbaefdbb2a23eac8c31eee6d8b5cd0a5994d3ad2415"
        ),
        (256, 224, .bicubic, "b9f0e8d67089ed639f15a33a945f2d2c8875eadb61d1f8b74ffbdf0ac52a245b"),
        (512, 224, .bilinear, "d2f4bcfe2d44723a6551a99b459c6d752a4a984265ceb4ab6621b67883b2a8ae"),
        (512, 224, .bicubic, "d9aef2d656885e47997aeec1f5d3f9d6d51b9c506b28f11c8a95f04d4d9eeb13"),
        (224, 256, .bilinear, "b19f251f2dcef07aa166a57fb5b349105d3c04c84140ac25a29ca3723215026d"),
        (224, 256, .bicubic, "87f8b5013dfa1416b20bad1e2f5046e45a9072c5f6ec6091e5556df45c3cfc3b"),
        (100, 224, .bilinear, "a22169c24636d9213216bd3740a7df25911ba8ecd5c5c9a9afb9254692253b6e"),
        (100, 224, .bicubic, "02a183245c38c1ef342829fa4f3506779a67211349113fbd172741494a65d155"),
    ])
    func wholePatchesAgreeWithPillowByteForByte(
        side: Int,
        target: Int,
        kind: EncoderManifest.Interpolation,
        digest: String
    ) {
        #expect(Digest.sha256(Data(resampled(side, target, kind))) == digest)
    }

    /// Expected digests: torchvision 0.28.0, Resize(resize) and CenterCrop(input) of the pattern.
    @Test(arguments: [
        (
            256, 256, 224, EncoderManifest.Interpolation.bicubic,
            "35bd354375b5bda4bfa9b45de395ea6298d82cb0f8007e33838f57915322e0ed"
        ),
        (256, 257, 224, .bilinear, "ce8f266bcd9473b4699bf47b15c4f89b65545302893355bccf50ea24cca5cc6c"),
        (300, 255, 224, .bicubic, "4cf08488a235ed156a8da3e6971f950c4bee817b2a900a0c83bdfa7d23559c23"),
        (224, 256, 224, .bilinear, "e740f560b7fcf3835467f87d258c9ee9477e35506a10764496b2bb84f667d832"),
        (256, 248, 225, .bicubic, "c2575992e99d17a7298019ceebbef253addffb895bea95678498e3669bd197d8"),
    ])
    func theMiddleOfAResizedPatchIsThatOfTorchvision(
        side: Int,
        resize: Int,
        input: Int,
        kind: EncoderManifest.Interpolation,
        digest: String
    ) {
        let middle = pattern(side).withUnsafeBufferPointer {
            Resampling(from: side, to: resize, kind, keeping: input).apply($0)
        }
        #expect(Digest.sha256(Data(middle)) == digest)
    }
}

@Suite struct NormalisationTests {
    /// What a GPU does with bytes, done on the CPU.
    @Test func aDeviceNormalisesItsBytesAsTheTableDoes() throws {
        let bench = try Workbench()
        let manifest = try bench.manifest(
            weights: Script.rootOfMeans,
            ["mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]]
        )
        let preprocessing = try Preprocessing(manifest)
        let pixels = (0..<(2 * 8 * 8 * 3)).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        try Lane.with(.cpu) { lane in
            let table = try pixels.withUnsafeBytes { try preprocessing.normalised($0, count: 2, by: lane) }
            let device = try pixels.withUnsafeBytes { try preprocessing.sent($0, count: 2, by: lane) }
            #expect(device.shape == [2, 3, 8, 8])
            #expect(try zip(table.floats(), lane.floats(of: device)).allSatisfy { abs($0 - $1) < 1e-6 })
            // 37 is the first green: (37 / 255 − 0.456) / 0.224.
            #expect(try abs(table.floats()[64] - -1.387955) < 1e-5)
        }
    }
}

@Suite struct WeightsKindTests {
    /// A zip archive of empty stored files: enough for its directory to be read.
    private func archive(_ names: [String]) -> Data {
        func little(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(value >> ($0 * 8) & 255) } }
        var files = Data()
        var directory = Data()
        for name in names {
            let offset = files.count
            files += [0x50, 0x4B, 3, 4] + little(0, 22) + little(name.utf8.count, 2) + little(0, 2) + Array(name.utf8)
            directory += [0x50, 0x4B, 1, 2] + little(0, 24) + little(name.utf8.count, 2) + little(0, 12)
            directory += little(offset, 4) + Array(name.utf8)
        }
        let end = little(0, 4) + little(names.count, 2) + little(names.count, 2) + little(directory.count, 4)
        return files + directory + [0x50, 0x4B, 5, 6] + end + little(files.count, 4) + little(0, 2)
    }

    @Test func torchScriptIsToldFromWhatLooksLikeIt() {
        #expect(WeightsKind(Script.rootOfMeans) == .torchScript)
        #expect(WeightsKind(archive(["m/data.pkl", "m/version", "m/data/0"])) == .pickle)
        #expect(WeightsKind(archive(["m/archive_format", "m/models/model.json"])) == .exported)
        #expect(WeightsKind(archive(["m/data/aotinductor/model/a.so"])) == .exported)
        #expect(WeightsKind(archive(["word/document.xml"])) == .unknown)
        #expect(WeightsKind(Data([0x80, 2, 0x8A, 10])) == .pickle)
        #expect(WeightsKind(archive(["config.json", "model.weights.h5"])) == .foreign(.format(.keras)))
        #expect(WeightsKind(RefusedWeightsTests.onnx) == .foreign(.format(.onnx)))
        #expect(WeightsKind(Data("hello".utf8)) == .foreign(.text("hello")))
        #expect(WeightsKind(Data()) == .foreign(.empty))
        #expect(WeightsKind(Data([1, 2, 3])) == .unknown)
    }

    @Test func aTruncatedArchiveIsNoArchive() {
        for length in stride(from: 7, to: Script.rootOfMeans.count, by: 7) {
            #expect(WeightsKind(Script.rootOfMeans.prefix(length)) == .unknown)
        }
    }

    @Test func everyRefusalSaysWhatToDo() {
        for kind in [WeightsKind.exported, .pickle, .unknown] {
            #expect(kind.refusal?.hasSuffix("; export the model with torch.jit.trace and torch.jit.save") == true)
        }
        #expect(WeightsKind.torchScript.refusal == nil)
    }
}
