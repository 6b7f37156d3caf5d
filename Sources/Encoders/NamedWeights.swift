import Foundation
import Storage
import Torch

/// The tensors of a weights file, taken one by one; each must have the shape that the architecture gives it, and none may
/// be left over.
struct NamedWeights {
    private let path: String
    private var left: [String: StoredTensor]
    /// Where the network computes, and in what.
    let device: Device
    let dtype: DType

    /// - Parameter path: for errors.
    init(_ file: SafeTensors, path: String, dtype: DType, on device: Device) {
        self.path = path
        left = file.tensors
        self.device = device
        self.dtype = dtype
    }

    /// Of a tensor that was not taken yet.
    func shape(of name: String) -> [Int]? { left[name]?.shape }

    /// The values of a tensor as fp32, row-major.
    /// - Throws: `EncoderError.unsuitable` where it is missing, mis-shaped or not of floating point.
    mutating func take(_ name: String, _ shape: [Int]) throws -> [Float] {
        guard let tensor = left.removeValue(forKey: name) else {
            throw refusal("\(name), of shape \(shape), is missing")
        }
        guard tensor.shape == shape else {
            throw refusal("\(name) has the shape \(tensor.shape), and the architecture wants \(shape)")
        }
        guard let values = tensor.floats else { throw refusal("\(name) holds \(tensor.kind.rawValue), no fractions") }
        return values
    }

    /// Drops a tensor that inference has no use for; it may be missing.
    mutating func ignore(_ name: String) { left.removeValue(forKey: name) }

    /// - Throws: `EncoderError.unsuitable` where a tensor was not taken.
    func finish() throws {
        guard let stranger = left.keys.min() else { return }
        throw refusal("\(stranger) does not belong to the architecture (\(left.count) such tensors)")
    }

    /// Values in the network's type, on its device.
    func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
        try Tensor(values, shape: shape, on: device).to(dtype)
    }

    private func refusal(_ reason: String) -> EncoderError {
        .unsuitable(
            path: path,
            reason: "\(reason); correct 'architecture' in the encoder's JSON, or export the model without its head"
        )
    }
}
