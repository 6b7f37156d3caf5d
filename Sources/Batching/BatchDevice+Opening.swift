import Records

extension BatchDevice {
    /// Opens devices one after the other.
    /// - Parameters:
    ///   - isEachWanted: whether each was named. Else one that does not open is left out, and told, as long as another one opens.
    ///   - open: loads the networks; what it throws is the device's fault where it says so, as CUDA does, and theirs otherwise.
    /// - Returns: one or more.
    /// - Throws: `Failure` that names the device; what `open` throws.
    public static func open<Place: CustomStringConvertible>(
        _ places: [Place],
        isEachWanted: Bool,
        note: (String) -> Void,
        _ open: (Place) throws -> BatchDevice
    ) throws -> [BatchDevice] {
        var devices: [BatchDevice] = []
        var faults: [Failure] = []
        for place in places {
            do { devices.append(try open(place)) } catch {
                guard let fault = fault(of: "\(place)", error, beside: places.count > 1) else { throw error }
                if isEachWanted { throw fault }
                faults.append(fault)
            }
        }
        if devices.isEmpty { throw faults.first ?? Failure(.bug, nil, "no device was asked for") }
        for fault in faults { note("\(fault.subject ?? "") does not open and is left out: \(fault.message)") }
        return devices
    }

    /// nil where the error says nothing of the device.
    private static func fault(of place: String, _ error: any Error, beside others: Bool) -> Failure? {
        let message = Failure(error).message
        guard (error as? BatchFault ?? BatchFault(place, message)) != nil else { return nil }
        if message.contains("no kernel image") {
            let wayOut = "use another device, or a LibTorch that has them"
            return Failure(.usage, place, "this LibTorch has no kernels for it (\(message)); \(wayOut)")
        }
        return Failure(.io, place, others ? "\(message); cuda:all goes on without it" : message)
    }

    /// `features on cuda:0 and cuda:1, in batches of 256`
    public static func words(of devices: [BatchDevice]) -> String {
        let names = devices.map(\.name)
        let list = names.count > 1 ? "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")" : names.first
        let sizes = Set(devices.map(\.batch)).sorted().map { "\($0)" }.joined(separator: " or ")
        return "features on \(list ?? ""), in batches of \(sizes)"
    }
}
