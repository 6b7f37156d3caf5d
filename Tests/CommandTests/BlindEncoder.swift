import Files
import Foundation
import Records
import Storage
import TestSupport

/// An encoder as a user has it: a folder with a JSON, weights and, where wanted, a golden patch.
enum BlindEncoder {
    /// A residual network of one basic block; without `sight` its 3 × 3 convolutions and stem are 0, so that every patch
    /// has the features relu(β₂ + relu(β₁)), β being the shifts c / 64 and (c mod 5) − 2 of the normalisations.
    static func write(
        _ name: String,
        into scratch: Scratch,
        sight: Bool = false,
        golden: [Float]? = nil,
        _ fields: [String: Any] = [:]
    ) throws -> String {
        var tensors: [String: StoredTensor] = [:]
        let shapes = ["conv1": [64, 3, 7, 7], "layer1.0.conv1": [64, 64, 3, 3], "layer1.0.conv2": [64, 64, 3, 3]]
        for (layer, shape) in shapes {
            let values = (0..<shape.reduce(1, *)).map { sight ? Float($0 * 7919 % 101 - 50) / 2000 : 0 }
            tensors["\(layer).weight"] = StoredTensor(shape: shape, floats: values)
        }
        let shifts = ["bn1": (0..<64).map { Float($0) / 64 }, "layer1.0.bn2": (0..<64).map { Float($0 % 5 - 2) }]
        for norm in ["bn1", "layer1.0.bn1", "layer1.0.bn2"] {
            func add(_ part: String, _ values: [Float]) {
                tensors["\(norm).\(part)"] = StoredTensor(shape: [64], floats: values)
            }
            let (zeros, ones) = ([Float](repeating: 0, count: 64), [Float](repeating: 1, count: 64))
            add("weight", ones)
            add("bias", shifts[norm] ?? zeros)
            add("running_mean", zeros)
            add("running_var", ones)
        }
        let weights = try SafeTensors(tensors: tensors).data()
        try AtomicFile.write(weights, to: scratch["\(name)/weights.safetensors"])
        var manifest: [String: Any] = [
            "name": name, "dim": 64, "input": 64, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
            "interpolation": "bilinear", "weights": "weights.safetensors", "sha256": Digest.sha256(weights),
            "licence": "CC0", "source": "a test", "mpp": 0.5,
            "architecture": ["family": "resnet", "block": "basic", "layers": [1]] as [String: Any],
        ]
        if let golden {
            let patch = StoredTensor(kind: .uint8, shape: [64, 64, 3], bytes: Data(repeating: 90, count: 64 * 64 * 3))
            let file = SafeTensors(tensors: ["patch": patch, "features": StoredTensor(shape: [64], floats: golden)])
            try file.write(to: scratch["\(name)/check.safetensors"])
            manifest["check"] = "check.safetensors"
        }
        let json = try JSONSerialization.data(withJSONObject: manifest.merging(fields) { $1 })
        try AtomicFile.write(json, to: scratch["\(name)/encoder.json"])
        return scratch["\(name)/encoder.json"].path
    }
}
