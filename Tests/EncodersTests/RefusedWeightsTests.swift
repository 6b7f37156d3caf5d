import Config
import Encoders
import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Pipeline

/// What people give for weights and cannot be read: each is refused by what it is, with the way out.
@Suite struct RefusedWeightsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// The beginning of a model of ONNX: version 8 of the format, its maker, a graph.
    static let onnx = [
        Data([8, 8, 0x12, 7]), Data("pytorch".utf8), Data([0x1A, 3]), Data("2.1".utf8), Data(count: 300),
    ].reduce(Data(), +)
    private static let pointer = Data(
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32\nsize 12345\n"
            .utf8
    )
    private static let page = Data("\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n".utf8)

    private func file(_ name: String) throws -> Data {
        try Data(contentsOf: ImportReference.folder.appending(path: name))
    }

    /// Why a folder of these files is not imported.
    private func refusal(_ files: [String: Data], of path: String = "model") throws -> String {
        for (name, content) in files { try AtomicFile.write(content, to: scratch["model/\(name)"]) }
        let error = try #require(throws: (any Error).self) {
            _ = try EncoderImport(scratch[path], .init()).write(to: scratch["out"])
        }
        let failure = Failure(error)
        #expect(![.bug, .io, .torch].contains(failure.code), "\(failure)")
        #expect(!failure.message.contains("\n"))
        #expect(!FileManager.default.fileExists(atPath: scratch["out"].path))
        return failure.message
    }

    private func wayOut(_ format: String) -> String {
        "\(format) is not read; download the model's safetensors or pytorch_model.bin, or load it in PyTorch and save it with "
            + "torch.jit.trace and torch.jit.save"
    }

    // MARK: formats

    @Test func onnxIsRefusedWhereverItIsGiven() throws {
        #expect(try refusal(["model.onnx": Self.onnx]) == wayOut("ONNX"))
        #expect(try refusal([:], of: "model/model.onnx") == wayOut("ONNX"))
        try FileManager.default.removeItem(at: scratch["model"])
        // By content, whatever its name.
        #expect(try refusal(["pytorch_model.bin": Self.onnx]) == wayOut("ONNX"))
        try FileManager.default.removeItem(at: scratch["model"])
        #expect(try refusal(["model.safetensors": Self.onnx]) == "not a safetensors file: \(wayOut("ONNX"))")
    }

    /// What a file is called may be wrong; what it holds decides.
    @Test func aNameThatIsNotTheFormatsIsNoHindrance() throws {
        let reference = try ImportReference.named("timm-vit")
        try reference.write(to: scratch["model"])
        let weights = try Data(contentsOf: scratch["model/model.safetensors"])
        try FileManager.default.removeItem(at: scratch["model/model.safetensors"])
        try AtomicFile.write(weights, to: scratch["model/pytorch_model.bin"])
        let report = try EncoderImport(scratch["model"], reference.wishes(input: nil)).write(to: scratch["out"])
        #expect(report.manifest.dim == 32)
        #expect(WeightsKind(weights) == .safetensors)
        // The length of its header may look like the beginning of a pickle.
        let header = Data(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
        let padded = header + Data(repeating: 0x20, count: 384 - header.count)
        #expect(WeightsKind(Data([0x80, 1, 0, 0, 0, 0, 0, 0]) + padded + Data(count: 4)) == .safetensors)
    }

    @Test func aLongPageIsAPageAsWell() throws {
        let long = Self.page + Data(repeating: 0x20, count: 200_000)
        #expect(try refusal(["model.safetensors": long]).contains("a web page, not the weights;"))
    }

    /// Of two tensors that would be one of ours neither is taken.
    @Test func aTensorOutsideTheModelTakesNobodysPlace() throws {
        let reference = try ImportReference.named("timm-convnext")
        func refusal(_ name: String) throws -> String {
            let error = try #require(throws: Failure.self) {
                _ = try reference.imported(scratch) { tensors in
                    tensors = Dictionary(uniqueKeysWithValues: tensors.map { ("model.\($0)", $1) })
                    tensors[name] = StoredTensor(shape: [1], floats: [1])
                }
            }
            try FileManager.default.removeItem(at: scratch["model"])
            return error.message
        }
        #expect(try refusal("head.norm.weight").contains("head.norm.weight and model.head.norm.weight are one tensor"))
        #expect(try refusal("neck.weight").contains("not known: neck.weight"))
        #expect(try refusal("model.head.pre_logits.fc.weight").contains("not known: model.head.pre_logits.fc.weight"))
    }

    @Test func networksOfOtherProgramsAreNamed() throws {
        let xml = Data(#"<?xml version="1.0"?><net name="torch_jit" version="11"><layers></layers></net>"#.utf8)
        #expect(
            try refusal(["openvino_model.xml": xml, "openvino_model.bin": Data(count: 4096)]) == wayOut("OpenVINO")
        )
        try FileManager.default.removeItem(at: scratch["model"])
        #expect(try refusal(["model.tflite": Data([0x1C, 0, 0, 0]) + Data("TFL3".utf8)]) == wayOut("TensorFlow Lite"))
        try FileManager.default.removeItem(at: scratch["model"])
        let hdf5 = Data([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) + Data(count: 64)
        #expect(try refusal(["tf_model.h5": hdf5]) == wayOut("Keras' HDF5"))
        try FileManager.default.removeItem(at: scratch["model"])
        #expect(try refusal(["model.pth": hdf5]) == wayOut("Keras' HDF5"))
        try FileManager.default.removeItem(at: scratch["model"])
        #expect(try refusal(["model.gguf": Data("GGUF".utf8) + Data(count: 64)]) == wayOut("GGUF"))
    }

    @Test func readableWeightsBesideOthersAreTaken() throws {
        let reference = try ImportReference.named("timm-vit")
        try AtomicFile.write(Self.onnx, to: scratch["model/model.onnx"])
        try AtomicFile.write(Data(count: 64), to: scratch["model/openvino_model.bin"])
        #expect(try reference.imported(scratch).manifest.dim == 32)
    }

    @Test func whatPyTorchWritesBesidesStatesIsNamed() throws {
        let whole = try refusal(["model.pth": file("whole-model.pth")])
        #expect(
            whole.contains("it holds torch.nn.modules.linear.Linear; nothing is ever run, so load it with the code")
        )
        #expect(whole.hasSuffix("and save its state_dict() alone"))
        try FileManager.default.removeItem(at: scratch["model"])
        #expect(
            try refusal(["model.pt2": file("exported.pt2")]).hasPrefix("a .pt2 archive (torch.export, AOTInductor)")
        )
        try FileManager.default.removeItem(at: scratch["model"])
        #expect(
            try refusal(["model.pt": file("script.pt")])
                == "this is TorchScript, which is used as it is; write an encoder.json beside it "
                + "(docs/guides/own-encoder.md)"
        )
    }

    // MARK: what is no model

    @Test func whatAServerGaveInsteadIsNamed() throws {
        let again = "download the file itself, logged in where the model asks for that"
        for (name, prefix) in [("model.safetensors", "not a safetensors file: "), ("pytorch_model.bin", "")] {
            func said(_ content: Data) throws -> String { try refusal([name: content]) }
            #expect(try said(Data()) == "\(prefix)the file is empty; download it again")
            #expect(
                try said(Self.pointer) == "\(prefix)a pointer of Git LFS, not the weights; get them with git lfs pull"
            )
            #expect(try said(Self.page) == "\(prefix)a web page, not the weights; \(again)")
            #expect(
                try said(Data("Access to model lab/UNI is restricted.\nPlease log in.".utf8))
                    == "\(prefix)text, not weights: 'Access to model lab/UNI is restricted.'; \(again)"
            )
            #expect(try said(Data("{\u{1B}[2J}".utf8)).contains("\u{1B}") == false)
            try FileManager.default.removeItem(at: scratch["model"])
        }
    }

    @Test func filesThatEndEarlyAreSaidTo() throws {
        let whole = try SafeTensors(tensors: [
            "a": StoredTensor(shape: [100], floats: [Float](repeating: 1, count: 100))
        ])
        .data()
        #expect(
            try refusal(["model.safetensors": whole.dropLast(100)])
                == "not a safetensors file: 300 of the 400 bytes of its tensors are there; download it again"
        )
        #expect(
            try refusal(["model.safetensors": whole.prefix(40)])
                == "not a safetensors file: it ends inside of its header, after 40 bytes; download it again"
        )
        try FileManager.default.removeItem(at: scratch["model"])
        let archive = try file("checkpoint.pth")
        #expect(
            try refusal(["model.pth": archive.dropLast(1000)])
                == "no weights of torch.save: its zip archive ends early, after \(archive.count - 1000) bytes; "
                + "download it again"
        )
        #expect(
            try refusal(["model.pth": Data(repeating: 7, count: 100)])
                == "no weights of torch.save: it is neither a zip archive nor a pickle"
        )
    }

    @Test func shardsThatAreNotThereAreNamed() throws {
        let names = (1...3).map { "model-0000\($0)-of-00003.safetensors" }
        let map = Dictionary(uniqueKeysWithValues: zip(["a", "b", "c"], names))
        let index = try JSONSerialization.data(withJSONObject: ["weight_map": map])
        let shard = try SafeTensors(tensors: ["a": StoredTensor(shape: [1], floats: [1])]).data()
        #expect(
            try refusal(["model.safetensors.index.json": index, names[0]: shard])
                == "of the 3 shards that it names, \(names[1]) and 1 more are not there; download all of them"
        )
        try FileManager.default.removeItem(at: scratch["model/model.safetensors.index.json"])
        let alone = try refusal([:])
        #expect(
            alone == "\(names[0]) is one of several shards, and the index that names them (.index.json) is not "
                + "there; download it too"
        )
    }

    @Test func anAdapterIsNoModel() throws {
        let config = Data(#"{"base_model_name_or_path": "lab/base", "peft_type": "LORA"}"#.utf8)
        let weights = try SafeTensors(tensors: ["x.lora_A.weight": StoredTensor(shape: [1], floats: [1])]).data()
        #expect(
            try refusal(["adapter_config.json": config, "adapter_model.safetensors": weights])
                == "these are the weights of an adapter (LoRA) to lab/base, no model; merge them into it (merge_and_unload "
                + "of peft) and save that"
        )
    }

    @Test func aFileIsNoFolder() throws {
        let weights = try SafeTensors(tensors: ["a": StoredTensor(shape: [1], floats: [1])]).data()
        #expect(
            try refusal(["model.safetensors": weights], of: "model/model.safetensors")
                == "this is a file; give the folder that it lies in, with the files that came with it"
        )
        #expect(try refusal([:], of: "nowhere") == "there is no such folder; give that of a downloaded model")
    }

    // MARK: an encoder's JSON

    /// Before any digest is asked about, and before anyone is asked to trust it.
    @Test(arguments: [true, false]) func aManifestThatNamesONNXIsRefused(isNative: Bool) throws {
        let bench = try Workbench()
        let network = ["family": "resnet", "block": "basic", "layers": [1]] as [String: Any]
        let manifest = try bench.manifest(
            weights: Self.onnx,
            trusted: false,
            isNative ? ["architecture": network, "dim": 64] : [:]
        )
        let failure = try #require(throws: Failure.self) { try manifest.checkWeights() }
        #expect((failure.code, failure.message) == (.encoder, wayOut("ONNX")))
        #expect(throws: (any Error).self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
    }

    // MARK: what is right

    /// The length of a safetensors header may look like the beginning of ONNX.
    @Test func aHeaderWhoseLengthLooksLikeONNXIsRead() {
        let file = Data([0x08, 0x07, 0x12, 0, 0, 0, 0, 0]) + Data("{\"a\"".utf8)
        #expect(ForeignWeights(file, count: 1 << 21) == nil)
    }
}
