import Foundation
import MIL
import Storage
import Testing
import Torch

/// One recorded training step of the authors' code: inputs, parameters, draws, and everything that followed from them.
final class GoldenCase {
    let name: String
    let tensors: [String: StoredTensor]
    private let config: [String: Any]
    /// What is known of every tensor: largest magnitude, and its own fp32 error against fp64.
    private let facts: [String: [String: Any]]
    /// Parameters whose first step is rounding noise.
    private let illConditioned: Set<String>

    init(_ url: URL) throws {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
        name = url.deletingPathExtension().lastPathComponent
        config = object["config"] as? [String: Any] ?? [:]
        facts = object["tensors"] as? [String: [String: Any]] ?? [:]
        illConditioned = Set((object["adam_ill_conditioned"] as? [String: Any] ?? [:]).keys)
        tensors = try SafeTensors(contentsOf: url.deletingPathExtension().appendingPathExtension("safetensors")).tensors
    }

    func value<Value>(_ key: String, _ type: Value.Type = Value.self) throws -> Value {
        try #require(config[key] as? Value, "\(name): \(key)")
    }

    func value<Value>(_ key: String, else other: Value) -> Value { config[key] as? Value ?? other }

    func floats(_ key: String) throws -> [Float] {
        let tensor = try #require(tensors[key], "\(name) lacks \(key)")
        return try tensor.floats ?? integers(key).map { Float($0) }
    }

    func integers(_ key: String) throws -> [Int] {
        let tensor = try #require(tensors[key], "\(name) lacks \(key)")
        try #require(tensor.kind == .int32, "\(name): \(key) is \(tensor.kind)")
        return tensor.array(of: Int32.self).map { Int($0) }
    }

    /// The bag `[N, D_feat]`.
    func bag() throws -> Tensor { try Tensor(floats("input.x"), shape: [value("N"), value("D_feat")]) }

    /// Checks `found` against the tensor `key`, with the room that fp32 itself leaves.
    func expect(_ found: [Float], _ key: String, tolerance: Double? = nil) throws {
        let wanted = try floats(key)
        // The noise of a corrected gradient is noted with the gradient that it corrects.
        let noted =
            facts[key]?["fp32_vs_fp64_abs_err"] ?? facts[key.replacing("_clean.", with: ".")]?["fp32_vs_fp64_abs_err"]
        let noise = (noted as? Double) ?? 0
        let largest = (facts[key]?["max_abs"] as? Double) ?? wanted.map { Double(abs($0)) }.max() ?? 0
        let bar = tolerance ?? (20 * noise + 1e-6 * largest)
        #expect(found.count == wanted.count, "\(name): \(key)")
        let difference = zip(found, wanted).map { Double(abs($0 - $1)) }.max() ?? 0
        #expect(difference <= bar && found.allSatisfy(\.isFinite), "\(name): \(key) differs by \(difference) > \(bar)")
    }

    func expect(_ found: Tensor, _ key: String, tolerance: Double? = nil) throws {
        try expect(found.floats(), key, tolerance: tolerance)
    }

    /// Checks a parameter's gradient against `prefix.name`; one that is not recorded must not be there.
    func expectGradient(of parameter: Parameter, as name: String?, prefix: String = "grad") throws {
        let grad = try parameter.tensor.grad?.floats()
        let keys = ["\(prefix)_clean", prefix].map { "\($0).\(name ?? "none")" }
        if let key = keys.first(where: { tensors[$0] != nil }) {
            try expect(#require(grad, "\(self.name): \(key)"), key)
        } else if let name, let head = tensors["\(prefix)_head.\(name)"]?.floats {
            try expect(Array(#require(grad, "\(self.name): \(name)").prefix(head.count)), "\(prefix)_head.\(name)")
        } else {
            #expect(grad == nil, "\(self.name): the gradient \(prefix) of \(name ?? parameter.name) is not recorded")
        }
    }

    /// The first step of Adam with coupled decay along the corrected gradient `grad_clean.name`, where there is one: the
    /// recorded step went along the uncorrected one.
    func correctedStep(_ name: String, from first: String) throws -> [Float]? {
        guard tensors["grad_clean.\(name)"] != nil else { return nil }
        let (rate, decay): (Double, Double) = (try value("lr"), try value("wd"))
        return try zip(floats("grad_clean.\(name)"), floats(first)).map { grad, value in
            let slope = Double(grad) + decay * Double(value)
            return Float(Double(value) - rate * slope / (abs(slope) + 1e-8))
        }
    }

    /// Checks values after a step against `prefix.name` or the head of them; false where neither is recorded.
    func expectMoved(_ values: [Float], as name: String, prefix: String) throws -> Bool {
        guard !illConditioned.contains("\(prefix).\(name)") else { return true }
        if tensors["\(prefix).\(name)"] != nil {
            try expect(values, "\(prefix).\(name)", tolerance: 1e-5)
        } else if let head = tensors["\(prefix)_head.\(name)"]?.floats {
            guard !illConditioned.contains("\(prefix)_head.\(name)") else { return true }
            try expect(Array(values.prefix(head.count)), "\(prefix)_head.\(name)", tolerance: 1e-5)
        } else {
            return false
        }
        return true
    }

    /// The random draws in the order they were made.
    func draws() throws -> ReplayedDraws {
        let keys = tensors.keys.filter { $0.hasPrefix("draw.") }.sorted {
            (Int($0.split(separator: ".")[1]) ?? 0) < (Int($1.split(separator: ".")[1]) ?? 0)
        }
        return ReplayedDraws(try keys.map { (try #require(tensors[$0]).shape, try floats($0)) })
    }
}

/// The recorded parameters by our names; what the record lacks is 0.
struct RecordedParameters: ParameterSource {
    let golden: GoldenCase
    /// The record's name for our parameter, with its prefix; nil where it has none.
    let key: (String) -> String?

    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        guard let key = key(name) else { return Array(repeating: 0, count: shape.reduce(1, *)) }
        return try StoredParameters(golden.tensors, path: golden.name).values(key, shape: shape, first)
    }
}
