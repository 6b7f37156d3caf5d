import Config
import Storage

/// MobileNetV2, which torchvision and we call by the same names.
struct MobileNetPlan {
    let architecture = MobileNetArchitecture()
    let plan: RenamedPlan

    /// - Parameter path: for errors.
    /// - Returns: nil for the tensors of another family.
    /// - Throws: `Failure` naming tensors that do not fit.
    init?(_ file: [String: WeightsFile.Entry], path: String) throws {
        let tensors = try RenamedTensors(file, mark: "features.1.conv.0.0.weight", path: path) { name in
            // Batches are counted for training alone, and the classifier is no encoder.
            name.hasPrefix("classifier.") || name.hasSuffix("num_batches_tracked") ? nil : name
        }
        guard let tensors else { return nil }
        plan = try RenamedPlan(tensors, architecture.tensors)
    }
}

extension MobileNetArchitecture {
    /// Every tensor of `weights.safetensors` by name and shape.
    var tensors: [(name: String, shape: [Int])] {
        var inputs = Self.stem
        var tensors = Self.layer("features.0.0", "features.0.1", [inputs, 3, 3, 3])
        var number = 1
        for stage in Self.stages {
            for _ in 0..<stage.blocks {
                let (name, hidden) = ("features.\(number).conv", inputs * stage.expansion)
                let first = stage.expansion > 1 ? 1 : 0
                if stage.expansion > 1 { tensors += Self.layer("\(name).0.0", "\(name).0.1", [hidden, inputs, 1, 1]) }
                tensors += Self.layer("\(name).\(first).0", "\(name).\(first).1", [hidden, 1, 3, 3])
                tensors += Self.layer(
                    "\(name).\(first + 1)",
                    "\(name).\(first + 2)",
                    [stage.outputs, hidden, 1, 1]
                )
                (inputs, number) = (stage.outputs, number + 1)
            }
        }
        return tensors + Self.layer("features.\(number).0", "features.\(number).1", [dim, inputs, 1, 1])
    }

    private static func layer(_ convolution: String, _ norm: String, _ shape: [Int]) -> [(name: String, shape: [Int])] {
        [("\(convolution).weight", shape)]
            + ["weight", "bias", "running_mean", "running_var"].map { ("\(norm).\($0)", [shape[0]]) }
    }
}
