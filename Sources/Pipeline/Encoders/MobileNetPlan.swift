import Config
import Records
import Storage

/// MobileNetV2, which torchvision and we call by the same names.
struct MobileNetPlan {
    let architecture = MobileNetArchitecture()
    /// Under our names.
    let entries: [String: WeightsFile.Entry]
    /// What all names begin with in the file.
    private let root: String

    private static let mark = "features.1.conv.0.0.weight"

    /// - Parameter path: for errors.
    /// - Returns: nil for the tensors of another family.
    /// - Throws: `Failure` naming a tensor that does not fit.
    init?(_ file: [String: WeightsFile.Entry], path: String) throws {
        let marks = file.keys.filter { $0 == Self.mark || $0.hasSuffix(".\(Self.mark)") }
        guard let mark = marks.first, marks.count == 1 else { return nil }
        let root = String(mark.dropLast(Self.mark.count))
        self.root = root
        let wanted = architecture.tensors
        let shapes = Dictionary(uniqueKeysWithValues: wanted.map { ($0.name, $0.shape) })
        func refused(_ fault: String) -> Failure {
            Failure(
                .encoder,
                path,
                "its tensors are not those of torchvision's MobileNetV2 of width 1: \(root)\(fault); "
                    + "scripts/export_encoder.py makes TorchScript of networks that are not known here"
            )
        }
        let names = file.keys.filter { $0.hasPrefix("\(root)features.") && !$0.hasSuffix("num_batches_tracked") }
            .map { String($0.dropFirst(root.count)) }
        if let stranger = names.filter({ shapes[$0] == nil }).min() { throw refused("\(stranger) is not known") }
        for (name, shape) in wanted {
            guard let entry = file[root + name] else { throw refused("\(name) is missing") }
            guard entry.shape == shape, entry.kind.isFloating else {
                throw refused("\(name) is \(entry.kind.rawValue) \(entry.shape), and fractions \(shape) are wanted")
            }
        }
        entries = file.reduce(into: [:]) { entries, tensor in
            let name = String(tensor.key.dropFirst(root.count))
            if tensor.key.hasPrefix(root), shapes[name] != nil { entries[name] = tensor.value }
        }
    }

    func tensor(_ name: String, from file: WeightsFile) throws -> StoredTensor { try file.tensor(root + name) }
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
