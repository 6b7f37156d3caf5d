import Files
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite struct WeightsFileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func tensor(_ values: [Float]) -> StoredTensor { StoredTensor(shape: [values.count], floats: values) }

    @Test func shardsAreReadThroughTheirIndex() throws {
        try SafeTensors(tensors: ["a": tensor([1, 2])]).write(to: scratch["one.safetensors"])
        try SafeTensors(tensors: ["b": tensor([3])]).write(to: scratch["two.safetensors"])
        func index(_ map: [String: String]) throws -> URL {
            let url = scratch["model.safetensors.index.json"]
            try AtomicFile.write(JSONSerialization.data(withJSONObject: ["weight_map": map, "metadata": [:]]), to: url)
            return url
        }
        let file = try WeightsFile(index: index(["a": "one.safetensors", "b": "two.safetensors"]))
        #expect(file.entries == ["a": .init(kind: .float32, shape: [2]), "b": .init(kind: .float32, shape: [1])])
        #expect(try file.tensor("b").floats == [3])
        let lost = try #require(throws: StorageError.self) { try WeightsFile(index: index(["b": "one.safetensors"])) }
        #expect(lost.message == "b is not in one.safetensors, which should have it")
        let outside = try #require(throws: StorageError.self) { try WeightsFile(index: index(["b": "../one"])) }
        #expect(outside.message == "'../one' is no name of a file beside it")
    }

    @Test func whatIsWrittenTensorByTensorIsWhatIsWrittenAtOnce() throws {
        let tensors = [
            "b": tensor([1, 2, 3]), "a": StoredTensor(kind: .float16, shape: [1, 2], bytes: Data([1, 2, 3, 4])),
            "c": tensor([]),
        ]
        let entries = tensors.mapValues { WeightsFile.Entry(kind: $0.kind, shape: $0.shape) }
        var asked: [String] = []
        try SafeTensorsWriter.write(entries, to: scratch["model.safetensors"]) { name in
            asked.append(name)
            return tensors[name] ?? tensor([])
        }
        #expect(asked == ["a", "b", "c"])
        #expect(try SafeTensors(contentsOf: scratch["model.safetensors"]).tensors == tensors)
        let error = try #require(throws: StorageError.self) {
            try SafeTensorsWriter.write(entries, to: scratch["other.safetensors"]) { _ in tensor([1]) }
        }
        #expect(error.message == "a is not what was announced")
        #expect(!FileManager.default.fileExists(atPath: scratch["other.safetensors"].path))
    }

    @Test func aPickleOfSomethingElseIsRefused() throws {
        let hostile = try #require(
            Data(base64Encoded: "gAJjcG9zaXgKc3lzdGVtCnEAWBAAAAB0b3VjaCAvdG1wL3B3bmVkcQGFcQJScQMu")
        )
        func refusal(_ pickle: Data) throws -> String {
            try StoredZip.archive([("m/data.pkl", pickle)]).write(to: scratch["pytorch_model.bin"])
            return try #require(throws: StorageError.self) {
                try WeightsFile(contentsOf: scratch["pytorch_model.bin"])
            }.message
        }
        #expect(try refusal(hostile).contains("posix.system"))
        // A dictionary with a list of a fraction, and no tensor.
        let pickle =
            Data([0x80, 2, 0x7D, 0x58, 1, 0, 0, 0, 0x61, 0x5D, 0x47]) + Data(count: 8) + Data([0x61, 0x73, 0x2E])
        #expect(try refusal(pickle) == "no weights of torch.save: it holds no tensors by name")
        // The attributes of what is no dictionary.
        #expect(try refusal(Data([0x80, 2, 0x4E, 0x4E, 0x62, 0x2E])).contains("damaged"))
    }
}
