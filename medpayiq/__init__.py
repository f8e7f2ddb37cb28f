"""MedPayIQ: what Medicare pays for a service, one static page for every CPT and HCPCS code."""
