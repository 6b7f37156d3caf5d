public import Config
import Foundation
import Records
public import Torch

extension MHIMConfig {
    /// Whether instances are scored by class. DSMIL in version 1 has always been: by its instances' own logits.
    var scoresByClass: Bool { classScore || (version == 1 && host == .dsmil) }

    /// m at a point of the training.
    func momentum(at progress: Double) -> Double {
        momentumRise ? 1 + (momentum - 1) * 0.5 * (1 + cos(.pi * progress)) : momentum
    }

    /// Teacher and student.
    func taughtModel(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any TaughtModel {
        switch host {
        case .abmil:
            try MHIM(self, from: source, on: device) {
                try AttentionHost(self, featureWidth: featureWidth, classes: classes, from: $0, on: device)
            }
        case .dsmil:
            try MHIM(self, from: source, on: device) {
                try DSMIL(dsmil, featureWidth: featureWidth, classes: classes, from: $0, on: device)
            }
        case .transmil:
            try MHIM(self, from: source, on: device) {
                try TransformerHost(self, featureWidth: featureWidth, classes: classes, from: $0, on: device)
            }
        }
    }

    /// The host alone, of the same shape and under the same names: what `TaughtModel.begin(withHost:path:)` takes once it
    /// is trained. Nothing is masked, and its loss is its own.
    public func hostModel(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws -> any MILModel {
        switch host {
        case .abmil: try AttentionHost(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
        case .dsmil: try DSMIL(dsmil, featureWidth: featureWidth, classes: classes, from: source, on: device)
        case .transmil:
            try TransformerHost(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
        }
    }
}

/// The teacher's parameters: under names of their own, and at first copies of the student's.
struct TeacherParameters<Source: ParameterSource>: ParameterSource {
    let source: Source

    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        try source.values("teacher.\(name)", shape: shape, .copy(of: name, first))
    }
}

/// Draws under names of their own.
struct NamedDraws: Draws {
    let prefix: String
    let draws: any Draws

    init(prefix: String, _ draws: any Draws) {
        self.prefix = prefix
        self.draws = draws
    }

    func uniform(_ name: String, _ shape: [Int]) throws -> [Float] { try draws.uniform(prefix + name, shape) }

    func permutation(_ name: String, _ count: Int) throws -> [Int] { try draws.permutation(prefix + name, count) }

    func key(_ name: String) throws -> UInt64 { try draws.key(prefix + name) }
}

extension MHIMConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try taughtModel(featureWidth: featureWidth, classes: classes, from: source, on: device)
    }
}
